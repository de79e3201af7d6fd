# SPDX-License-Identifier: MIT
"""The cases of parity.py in fastai: the same data, the same options and the same lines as parity_abi.cpp has.

Each function takes the folder of its data and returns what trains: (learner, column of the table, fit).
"""
import pathlib
import warnings

warnings.simplefilter('ignore')

import torch
from fastai.callback.rnn import rnn_cbs
from fastai.collab import CollabDataLoaders, collab_learner
from fastai.tabular.all import Categorify, FillMissing, Normalize as NormalizeTable, TabularDataLoaders, tabular_learner
from fastai.text.all import AWD_LSTM, LMDataLoader, awd_lstm_lm_config, get_language_model
from fastai.vision.all import (CategoryBlock, CrossEntropyLossFlat, DataBlock, DataLoaders, FuncSplitter, ImageBlock,
                               ImageDataLoaders, Learner, MaskBlock, Normalize, RandomSplitter, Resize,
                               SegmentationDataLoaders, accuracy, error_rate, foreground_acc, get_image_files, parent_label,
                               resnet18, unet_learner, vision_learner)

BUNDLED = pathlib.Path(__file__).resolve().parent.parent / 'datasets' / 'bundled'


def lite0(dls):
    """EfficientNet-Lite0 with the weights that the course bundles, which timm would download."""
    from safetensors.torch import load_file
    learn = vision_learner(dls, 'tf_efficientnet_lite0', pretrained=False, metrics=error_rate)
    weights = {name: w.float() for name, w in load_file(BUNDLED / 'efficientnet_lite0.safetensors').items()}
    body = learn.model[0].model
    missing, _ = body.load_state_dict(weights, strict=False)
    left = [name for name in missing if not name.endswith('num_batches_tracked')]
    if left:
        raise SystemExit(f'weights of {len(left)} tensors are missing: {left[:5]}')
    return learn


HALF = Normalize.from_stats([0.5] * 3, [0.5] * 3)


def bird(path):
    dls = DataBlock(blocks=(ImageBlock, CategoryBlock), get_items=lambda p: get_image_files(p, folders=['bird', 'forest']).sorted(),
                    splitter=RandomSplitter(0.2, seed=42), get_y=parent_label, item_tfms=[Resize(192, method='squish')],
                    batch_tfms=HALF).dataloaders(path / 'images', bs=32)
    learn = lite0(dls)
    return learn, 'error_rate', lambda: learn.fine_tune(3)


def by_source(path):
    names = set((path / 'valid.txt').read_text().split())
    return FuncSplitter(lambda p: f'{p.parent.name}/{p.name}' in names)


def kinds(path):
    dls = DataBlock(blocks=(ImageBlock, CategoryBlock), get_items=lambda p: get_image_files(p).sorted(),
                    splitter=by_source(path), get_y=parent_label, item_tfms=[Resize(128, method='squish')],
                    batch_tfms=HALF).dataloaders(path / 'images', bs=32)
    learn = lite0(dls)
    return learn, 'error_rate', lambda: learn.fine_tune(3)


def mnist_sample(path):
    dls = ImageDataLoaders.from_folder(path, bs=64)
    learn = vision_learner(dls, resnet18, pretrained=False, metrics=accuracy)
    return learn, 'accuracy', lambda: learn.fit_one_cycle(4, 1e-3)


def foreground(bkg_idx):
    def foreground_accuracy(inp, targ):
        return foreground_acc(inp, targ, bkg_idx=bkg_idx)
    return foreground_accuracy


def pictures(path):
    dls = DataBlock(blocks=(ImageBlock, MaskBlock((path / 'codes.txt').read_text().split())),
                    get_items=lambda p: get_image_files(p, folders=['bird', 'flower']).sorted(),
                    splitter=by_source(path), get_y=lambda p: path / 'masks' / p.parent.name / f'{p.stem}.png',
                    item_tfms=[Resize(64, method='squish')]).dataloaders(path / 'images', bs=16)
    learn = unet_learner(dls, resnet18, pretrained=False, metrics=foreground(0))
    return learn, 'foreground_accuracy', lambda: learn.fit_one_cycle(6, 1e-3)


def street(path):
    dls = SegmentationDataLoaders.from_label_func(
        path, bs=8, seed=42, fnames=get_image_files(path / 'images').sorted(),
        label_func=lambda p: path / 'labels' / f'{p.stem}_P{p.suffix}', codes=(path / 'codes.txt').read_text().split())
    learn = unet_learner(dls, resnet18, pretrained=False, metrics=foreground(30))
    return learn, 'foreground_accuracy', lambda: learn.fit_one_cycle(4, 1e-3)


def adult(path, cat_names, epochs):
    dls = TabularDataLoaders.from_csv(path / 'adult.csv', path=path, y_names='salary', cat_names=cat_names,
                                      cont_names=['age', 'fnlwgt', 'education-num'],
                                      procs=[Categorify, FillMissing, NormalizeTable])
    learn = tabular_learner(dls, metrics=accuracy)
    return learn, 'accuracy', lambda: learn.fit_one_cycle(epochs)


FIVE = ['workclass', 'education', 'marital-status', 'occupation', 'relationship']


def adult3(path):
    return adult(path, FIVE + ['race'], 3)


def adult2(path):
    return adult(path, FIVE, 2)


def ml_sample(path):
    learn = collab_learner(CollabDataLoaders.from_csv(path / 'ratings.csv'), y_range=(0.5, 5.5))
    return learn, 'valid_loss', lambda: learn.fine_tune(10)


def ml_sample_nn(path):
    learn = collab_learner(CollabDataLoaders.from_csv(path / 'ratings.csv'), use_nn=True, layers=[100, 50], y_range=(0.5, 5.5))
    return learn, 'valid_loss', lambda: learn.fit_one_cycle(5, 5e-3, wd=0.1)


def human_numbers(path):
    lines = [line for name in ('train.txt', 'valid.txt') for line in (path / name).read_text().splitlines() if line]
    words = ' . '.join(line.strip() for line in lines).split()
    number = {word: i for i, word in enumerate(dict.fromkeys(words))}
    stream = torch.tensor([number[word] for word in words])
    cut = len(stream) * 4 // 5
    dls = DataLoaders(*(LMDataLoader([part], bs=64, seq_len=16) for part in (stream[:cut], stream[cut:])))
    # weight_p stands for 0: with that, this PyTorch's dropout hands back the parameter itself, which fastai then registers twice.
    config = {**awd_lstm_lm_config, 'emb_sz': 64, 'n_hid': 64, 'n_layers': 2, 'output_p': 0.4, 'hidden_p': 0.0, 'input_p': 0.0,
              'embed_p': 0.0, 'weight_p': 1e-7}
    learn = Learner(dls, get_language_model(AWD_LSTM, len(number), config), loss_func=CrossEntropyLossFlat(), metrics=accuracy,
                    cbs=rnn_cbs(alpha=2, beta=1))
    return learn, 'accuracy', lambda: learn.fit_one_cycle(15, 1e-2, wd=0.1)
