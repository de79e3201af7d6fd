# SPDX-License-Identifier: MIT
"""What each case is meant to reach, and what limits those that do not: the first pattern that fits a name counts."""
import fnmatch

# (pattern of the name, ratio at 1 thread, ratio at 2 threads)
TARGETS = [
    ('mnist b64', 4, 4),
    ('mnist b512', 2.5, 2.5),
    ('efficientnet_lite0 * 192px', 2.5, 2.5),
    ('efficientnet_lite0 * 128px', 2.2, 2.2),
    ('resnet18 b*', 1.2, 1.1),
    ('unet b*', 1.15, 1.15),
    ('mlp b*', 3, 3),
    ('tabular b*', 3, 3),
    ('collab b*', 3, 3),
    ('digits 28px', 5, 5),
    ('pictures *', 1.2, 1.2),
    ('photos *', 1.2, 1.2),
    ('csv *', 1, 1),
    ('*', 0.8, 0.8),  # a single kernel
]

# (pattern of the name, one sentence)
LIMITS = [
    ('mlp b256', "the two products of the first layer are four fifths of the step and run near the processor's peak: little else is left."),
    ('mnist b64', 'a quarter of the step is multiplications near the peak; a seventh transposes pictures to vectors and back, an eighth '
                  'is batch norm, and the rest is many parts of a few per cent.'),
    ('mnist b512', 'batch norm and transposes of pictures to vectors and back, which multiply nothing, are two fifths of the step.'),
    ('resnet18 b32 64px', 'the rounds with 2 threads differ by a factor of two, so that their median says little.'),
    ('efficientnet_lite0 *', 'the rounds with 2 threads differ by a factor of two, so that their median says little.'),
]


def target_of(name, threads):
    return next(one if threads == 1 else more for pattern, one, more in TARGETS if fnmatch.fnmatchcase(name, pattern))


def limit_of(name):
    return next((text for pattern, text in LIMITS if fnmatch.fnmatchcase(name, pattern)), 'not looked into yet.')
