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
    ('mlp b256', 'at the full speed of one core the two products of the first layer alone take .32 of PyTorch\'s step, ours take .36, '
                 'and all the rest .08: a ratio of 3 would leave .01 for it.'),
    ('matmul 64x3x5 *', 'at this size the call is measured, not the product: two microseconds.'),
    ('matmul 64x200x100 *', '20 microseconds: at two threads half of that is what it takes to share the work.'),
    ('matmul 512x4608x16 *', '16 columns are one vector: a number of A is loaded for every multiply-add, so that loads set the pace.'),
    ('matmul 4x1024x1024 *', 'four rows: all of B is read for them, and reading sets the pace.'),
    ('matmul *x32x64x32 *', 'small products: beginning and end of a tile weigh as much as its 64 steps.'),
    ('matmul *', 'putting strips in order, and a tile\'s beginning and end; where the range is wide, other work on the machine.'),
    ('small conv 3->16 * dw', 'three channels: few multiply-adds for every number that is loaded.'),
    ('resnet18 conv 3->64 * forward', 'three channels: a patch of 49 places costs as much to gather as to multiply.'),
    ('* conv 3->* dw', 'three channels: a patch that is gathered from the pictures serves 32 or 64 filters only, where others serve hundreds.'),
    ('resnet18 conv 128->256 8px *', 'four phases of 16 pixels a picture: each is a small product with a quarter of the taps, packed anew.'),
    ('lstm *', 'nearly all of it is products of 64 rows, as matmul 64x512x1000 measures them.'),
]


def target_of(name, threads):
    return next(one if threads == 1 else more for pattern, one, more in TARGETS if fnmatch.fnmatchcase(name, pattern))


def limit_of(name):
    return next((text for pattern, text in LIMITS if fnmatch.fnmatchcase(name, pattern)), 'not looked into yet.')
