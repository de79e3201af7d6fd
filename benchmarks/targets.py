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
    ('tree *', 1, 1),
    ('forest *', 1, 1),
    ('boosting *', 1, 1),
    ('*', 0.8, 0.8),  # a single kernel
]

# (pattern of the name, one sentence)
LIMITS = [
    ('mlp b256', 'two thirds of the step are the two products of the first layer, and those run at the speed of the processor: 50 outputs '
                 'fill 64 lanes, which is what could still be won, and a tenth is putting the batch in order for the second product.'),
]


def target_of(name, threads):
    return next(one if threads == 1 else more for pattern, one, more in TARGETS if fnmatch.fnmatchcase(name, pattern))


def limit_of(name):
    return next((text for pattern, text in LIMITS if fnmatch.fnmatchcase(name, pattern)), 'not looked into yet.')
