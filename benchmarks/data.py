#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Loading data beside PyTorch and pandas: pictures into batches, CSV files into tables.

    data.py --library FILE [--threads 1,2] [--only PATTERN] [--rounds N] [--seconds S] [--json FILE]

Both sides read the same files: the bundled digits as they are, and the bundled pictures and photos through
RandomResizedCrop, a mirror, a tensor and Normalize, in batches of 64; on the other side by torchvision and PyTorch's
DataLoader. With 1 thread all is done by the caller, with 2 there are two workers. CSV files are read as often as fit into
the time, the fastest reading counts; pandas reads with one thread whatever is asked, ours converts columns with as many
as asked: the row of 1 thread is the like-for-like one. Each round starts a fresh process for either side, in turn; times
are seconds for one picture or one file, the ratio is the other side's divided by ours.
"""
import argparse
import ctypes
import fnmatch
import json
import pathlib
import statistics
import tarfile
import tempfile
import time

from process import in_own_process
from record import Record

BUNDLED = pathlib.Path(__file__).resolve().parent.parent / 'datasets' / 'bundled'
# name, archive, folder in it, side in pixels (0: grey, as they are), how often each file is listed
PICTURES = [('digits 28px', 'mnist_png.tgz', 'mnist_png/training', 0, 1),
            ('pictures 64px', 'pictures_sample.tgz', 'pictures_sample/images', 64, 1),
            ('pictures 128px', 'pictures_sample.tgz', 'pictures_sample/images', 128, 1),
            ('pictures 224px', 'pictures_sample.tgz', 'pictures_sample/images', 224, 1),
            ('photos 224px', 'photos.tgz', 'photos', 224, 64)]
TABLES = [('csv adult', 'adult_sample.tgz', 'adult_sample/adult.csv'),
          ('csv ratings', 'movie_lens_sample.tgz', 'movie_lens_sample/ratings.csv')]
CASES = [case[0] for case in PICTURES + TABLES]


def unpack(home, archive):
    with tarfile.open(BUNDLED / archive) as tar:
        tar.extractall(home, filter='data')


def prepare(home, name):
    """The folder or file of a case, unpacked once."""
    for case, archive, folder, _, copies in PICTURES:
        if case != name:
            continue
        if not (home / folder).exists():
            unpack(home, archive)
        if copies == 1:
            return home / folder
        many = home / f'{folder}_many'  # a few photos as a folder of many: each has to be opened each time
        if not many.exists():
            for file in sorted((home / folder).glob('*.jpg')):
                (many / file.stem).mkdir(parents=True)
                for i in range(copies):
                    (many / file.stem / f'{i}.jpg').write_bytes(file.read_bytes())
        return many
    for case, archive, file in TABLES:
        if case == name:
            if not (home / file).exists():
                unpack(home, archive)
            return home / file
    raise SystemExit(f'no case named {name}')


# --- one side of one round, in a process of its own --------------------------------------------------------------

def run_torch(place, size, workers, seconds):
    import torch
    from PIL import Image
    from torchvision import transforms as T
    torch.set_num_threads(max(1, workers))
    steps = [T.ToTensor()]
    if size:
        steps = [T.RandomResizedCrop(size, (0.35, 1)), T.RandomHorizontalFlip(), T.ToTensor(),
                 T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    steps = T.Compose(steps)
    files = sorted(p for p in pathlib.Path(place).rglob('*') if p.suffix in ('.jpg', '.png'))
    kinds = {name: i for i, name in enumerate(sorted({p.parent.name for p in files}))}

    class Pictures(torch.utils.data.Dataset):
        def __len__(self):
            return len(files)

        def __getitem__(self, i):
            return steps(Image.open(files[i]).convert('RGB' if size else 'L')), kinds[files[i].parent.name]

    loader = torch.utils.data.DataLoader(Pictures(), 64, shuffle=True, drop_last=True, num_workers=workers,
                                         persistent_workers=workers > 0)
    next(iter(loader))
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for x, _ in loader:
            count += len(x)
    return (time.perf_counter() - start) / count


def run_pandas(file, seconds):
    import pandas
    best, start = 1e9, time.perf_counter()
    while time.perf_counter() - start < seconds:
        before = time.perf_counter()
        pandas.read_csv(file)
        best = min(best, time.perf_counter() - before)
    return best


def run_ours(library, place, size, threads, seconds):
    lib = ctypes.CDLL(library)
    lib.data_pictures.restype = lib.data_csv.restype = ctypes.c_double
    limit = ctypes.c_double(seconds)
    if size is None:
        result = lib.data_csv(place.encode(), threads, limit)
    else:
        result = lib.data_pictures(place.encode(), size, 0 if threads == 1 else threads, limit)
    if result <= 0:
        raise SystemExit('our side failed')
    return result if size is None else 1 / result


def run_child(args):
    size = next((case[3] for case in PICTURES if case[0] == args.case), None)
    threads = int(args.threads)
    if args.child == 'ours':
        s = run_ours(args.library, args.place, size, threads, args.seconds)
    elif size is None:
        s = run_pandas(args.place, args.seconds)
    else:
        s = run_torch(args.place, size, 0 if threads == 1 else threads, args.seconds)
    print(json.dumps({'s': s}))


def child(side, args, name, place, threads):
    return in_own_process(__file__, side, library=args.library or '', case=name, place=place, threads=threads,
                          seconds=args.seconds)['s']


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--library', help='data_abi of the build')
    parser.add_argument('--threads', default='1,2')
    parser.add_argument('--only', default='*', help='cases whose name matches this pattern')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=float, default=3, help='of each side of each round')
    parser.add_argument('--json', metavar='FILE', help='keep the rows there, and a table and a picture beside it')
    for hidden in ('--child', '--case', '--place'):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return run_child(args)
    record = Record('Loading data beside PyTorch and pandas', CASES, args.json)
    with tempfile.TemporaryDirectory() as home:
        for threads in map(int, args.threads.split(',')):
            for name in CASES:
                if not fnmatch.fnmatch(name, args.only):
                    continue
                place, ours, peer = prepare(pathlib.Path(home), name), [], []
                for _ in range(args.rounds):
                    peer.append(child('peer', args, name, place, threads))
                    ours.append(child('ours', args, name, place, threads))
                ratios = sorted(p / o for p, o in zip(peer, ours))
                record.add({'name': name, 'threads': threads, 'ours_s': statistics.median(ours),
                            'peer_s': statistics.median(peer), 'ratio': statistics.median(ratios), 'low': ratios[0],
                            'high': ratios[-1], 'how': f'{1 / statistics.median(ours):.0f} a second'})
                record.save()


if __name__ == '__main__':
    main()
