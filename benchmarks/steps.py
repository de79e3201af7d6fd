#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whole training steps beside PyTorch's: forward, loss, backward, optimiser.

    steps.py --library FILE [--threads 1,2] [--only PATTERN] [--rounds N] [--seconds S] [--json FILE]

The same nets are written in steps_nets.h from our layers and here from PyTorch's. Each round starts a fresh process
for either side, in turn, and takes the median of its steps; the ratio of each round is PyTorch's time / ours. Printed
is the median of the ratios and their range. PyTorch runs as installed, with as many threads and unbound.
"""
import argparse
import ctypes
import fnmatch
import json
import statistics
import time

from process import in_own_process
from record import Record

CASES = ['mlp b256', 'mnist b64', 'mnist b512', 'resnet18 b32 64px', 'resnet18 b32 128px',
         'efficientnet_lite0 b32 128px', 'efficientnet_lite0 b32 192px', 'unet b8 96x128', 'tabular b64', 'collab b64']


# --- the nets in PyTorch -----------------------------------------------------------------------------------------

def torch_job(name):
    import torch
    from torch import nn
    import torch.nn.functional as F

    def same(x, k, s):
        pads = []
        for n in reversed(x.shape[2:]):
            p = max((-(-n // s) - 1) * s + k - n, 0)
            pads += [p // 2, p - p // 2]
        return F.pad(x, pads) if any(pads) else x

    class SameConv(nn.Conv2d):
        def forward(self, x):
            return super().forward(same(x, self.kernel_size[0], self.stride[0]))

    def conv_norm(i, o, k, s, act, groups=1, tf=False):
        conv = (SameConv(i, o, k, s, 0, groups=groups, bias=False) if tf and s > 1 else
                nn.Conv2d(i, o, k, s, k // 2, groups=groups, bias=False))
        return nn.Sequential(conv, nn.BatchNorm2d(o), *([] if act is None else [act(inplace=True)]))

    class Block(nn.Module):
        def __init__(self, i, o, s):
            super().__init__()
            self.a, self.b = conv_norm(i, o, 3, s, nn.ReLU), conv_norm(o, o, 3, 1, None)
            self.short = conv_norm(i, o, 1, s, None) if s != 1 or i != o else nn.Identity()

        def forward(self, x):
            return F.relu(self.b(self.a(x)) + self.short(x), inplace=True)

    def resnet_body(blocks):
        parts, i, w = [conv_norm(3, 64, 7, 2, nn.ReLU), nn.MaxPool2d(3, 2, 1)], 64, 64
        for stage, n in enumerate(blocks):
            layers = []
            for b in range(n):
                layers.append(Block(i, w, 2 if b == 0 and stage else 1))
                i = w
            parts.append(nn.Sequential(*layers))
            w *= 2
        return parts

    class Inverted(nn.Module):
        def __init__(self, i, o, expand, k, s):
            super().__init__()
            mid = i * expand
            first = [conv_norm(i, mid, 1, 1, nn.ReLU6)] if expand != 1 else []
            self.net = nn.Sequential(*first, conv_norm(mid, mid, k, s, nn.ReLU6, mid, True), conv_norm(mid, o, 1, 1, None))
            self.add = s == 1 and i == o

        def forward(self, x):
            return self.net(x) + x if self.add else self.net(x)

    def lite0():
        net, i = [conv_norm(3, 32, 3, 2, nn.ReLU6, 1, True)], 32
        for expand, o, count, s, k in [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
                                       (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]:
            for b in range(count):
                net.append(Inverted(i, o, expand, k, s if b == 0 else 1))
                i = o
        return nn.Sequential(*net, conv_norm(320, 1280, 1, 1, nn.ReLU6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 10))

    def conv_relu(i, o, k):
        return nn.Sequential(nn.Conv2d(i, o, k, padding=k // 2), nn.ReLU(inplace=True))

    class UnetBlock(nn.Module):
        def __init__(self, up, skip, last):
            super().__init__()
            w = (up // 2 + skip) // (2 if last else 1)
            self.up, self.norm = conv_relu(up, up * 2, 1), nn.BatchNorm2d(skip)
            self.a, self.b = conv_relu(up // 2 + skip, w, 3), conv_relu(w, w, 3)

        def forward(self, x, skip):
            return self.b(self.a(F.relu(torch.cat([F.pixel_shuffle(self.up(x), 2), self.norm(skip)], 1))))

    class Unet(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.ModuleList(resnet_body([3, 4, 6, 3]))
            self.norm = nn.Sequential(nn.BatchNorm2d(512), nn.ReLU())
            self.middle = nn.Sequential(conv_relu(512, 1024, 3), conv_relu(1024, 512, 3))
            self.blocks = nn.ModuleList([UnetBlock(512, 256, False), UnetBlock(512, 128, False), UnetBlock(384, 64, False),
                                         UnetBlock(256, 64, True)])
            self.up, self.last1 = conv_relu(96, 384, 1), conv_relu(99, 99, 3)
            self.last2, self.head = nn.Conv2d(99, 99, 3, padding=1), nn.Conv2d(99, 32, 1)

        def forward(self, x):
            e = self.encoder
            s0 = e[0](x)
            s1 = e[2](e[1](s0))
            s2 = e[3](s1)
            s3 = e[4](s2)
            y = self.middle(self.norm(e[5](s3)))
            for block, skip in zip(self.blocks, (s3, s2, s1, s0)):
                y = block(y, skip)
            y = torch.cat([F.pixel_shuffle(self.up(y), 2), x], 1)
            return self.head(F.relu(y + self.last2(self.last1(y))))

    sizes = [(10, 6), (17, 8), (8, 5), (16, 8), (7, 5), (6, 4), (3, 3), (43, 13)]

    class Tabular(nn.Module):
        def __init__(self):
            super().__init__()
            self.tables = nn.ModuleList([nn.Embedding(*s) for s in sizes])
            self.numbers = nn.BatchNorm1d(3)
            self.layers = nn.Sequential(nn.Linear(55, 200, bias=False), nn.ReLU(inplace=True), nn.BatchNorm1d(200),
                                        nn.Linear(200, 100, bias=False), nn.ReLU(inplace=True), nn.BatchNorm1d(100), nn.Linear(100, 2))

        def forward(self, cats, nums):
            return self.layers(torch.cat([t(cats[:, i]) for i, t in enumerate(self.tables)] + [self.numbers(nums)], 1))

    class Collab(nn.Module):
        def __init__(self):
            super().__init__()
            self.u, self.i = nn.Embedding(944, 50), nn.Embedding(1665, 50)
            self.ub, self.ib = nn.Embedding(944, 1), nn.Embedding(1665, 1)

        def forward(self, x):
            u, i = x[:, 0], x[:, 1]
            dot = (self.u(u) * self.i(i)).sum(1) + self.ub(u).squeeze(1) + self.ib(i).squeeze(1)
            return torch.sigmoid(dot) * 5 + .5

    torch.manual_seed(1)
    words = name.split()
    batch = int(words[1][1:])
    px = int(words[2][:-2]) if words[-1].endswith('px') else 28
    labels = torch.randint(0, 10, (batch,))
    adam = lambda net: torch.optim.AdamW(net.parameters(), 1e-3, (.9, .99), 1e-5, .01)
    sgd = lambda net: torch.optim.SGD(net.parameters(), 1e-3)
    ce = nn.CrossEntropyLoss()
    kind = words[0]
    if kind == 'mlp':
        return nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10)), [torch.randn(batch, 784)], labels, ce, sgd
    if kind == 'mnist':
        net = nn.Sequential(conv_norm(1, 8, 5, 2, nn.ReLU), conv_norm(8, 16, 3, 2, nn.ReLU), conv_norm(16, 32, 3, 2, nn.ReLU),
                            conv_norm(32, 64, 3, 2, nn.ReLU), nn.Conv2d(64, 10, 3, 2, 1, bias=False), nn.Flatten())
        return net, [torch.randn(batch, 1, 28, 28)], labels, ce, sgd
    if kind == 'resnet18':
        net = nn.Sequential(*resnet_body([2, 2, 2, 2]), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
        return net, [torch.randn(batch, 3, px, px)], labels, ce, adam
    if kind == 'efficientnet_lite0':
        return lite0(), [torch.randn(batch, 3, px, px)], labels, ce, adam
    if kind == 'unet':
        return Unet(), [torch.randn(batch, 3, 96, 128)], torch.randint(0, 32, (batch, 96, 128)), ce, adam
    if kind == 'tabular':
        cats = torch.stack([torch.randint(0, n, (batch,)) for n, _ in sizes], 1)
        return Tabular(), [cats, torch.randn(batch, 3)], torch.randint(0, 2, (batch,)), ce, adam
    if kind == 'collab':
        x = torch.stack([torch.randint(0, n, (batch,)) for n in (944, 1665)], 1)
        return Collab(), [x], torch.rand(batch) * 5, nn.MSELoss(), adam
    raise SystemExit(f'no case named {name}')


# --- one side of one round, in a process of its own --------------------------------------------------------------

def run_torch(name, threads, seconds):
    import torch
    torch.set_num_threads(threads)
    net, inputs, target, loss_func, make_opt = torch_job(name)
    opt, times, start = make_opt(net), [], time.perf_counter()
    while True:
        before = time.perf_counter()
        if len(times) > 3 and before - start > seconds:
            break
        loss = loss_func(net(*inputs), target)
        loss.backward()
        opt.step()
        opt.zero_grad()
        times.append(time.perf_counter() - before)
    return times, float(loss.detach())


def run_ours(library, name, threads, seconds):
    lib = ctypes.CDLL(library)
    times, loss = (ctypes.c_double * 200000)(), ctypes.c_double()
    count = lib.steps_run(name.encode(), threads, ctypes.c_double(seconds), times, 200000, ctypes.byref(loss))
    if count < 1:
        raise SystemExit(f'{name} failed')
    return list(times[:count]), loss.value


def child(side, args, name, threads):
    return in_own_process(__file__, side, env={'OMP_NUM_THREADS': str(threads), 'MKL_NUM_THREADS': str(threads)},
                          library=args.library or '', case=name, threads=threads, seconds=args.seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--library', help='steps_abi of the build')
    parser.add_argument('--threads', default='1,2')
    parser.add_argument('--only', default='*', metavar='PATTERN', help='parts of the names to run, with * and ?; several by commas')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=float, default=4, help='of each side of each round')
    parser.add_argument('--json', metavar='FILE', help='keep the rows there, and a table and a picture beside it')
    parser.add_argument('--child', help=argparse.SUPPRESS)
    parser.add_argument('--case', help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        threads = int(args.threads)
        times, loss = run_torch(args.case, threads, args.seconds) if args.child == 'torch' else run_ours(args.library, args.case, threads, args.seconds)
        warm = times[min(3, len(times) - 1):]  # the first steps pay for fresh memory
        print(json.dumps({'s': statistics.median(warm), 'loss': loss, 'steps': len(times)}))
        return
    record = Record('Training steps beside PyTorch', CASES, args.json)
    for threads in map(int, args.threads.split(',')):
        for name in CASES:
            if not any(fnmatch.fnmatch(name, f'*{part}*') for part in args.only.split(',')):
                continue
            ours, peer = [], []
            for _ in range(args.rounds):
                peer.append(child('torch', args, name, threads)['s'])
                ours.append(child('ours', args, name, threads)['s'])
            ratios = sorted(p / o for p, o in zip(peer, ours))
            record.add({'name': name, 'threads': threads, 'ours_s': statistics.median(ours), 'peer_s': statistics.median(peer),
                        'ratio': statistics.median(ratios), 'low': ratios[0], 'high': ratios[-1]})
            record.save()


if __name__ == '__main__':
    main()
