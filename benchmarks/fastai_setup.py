# SPDX-License-Identifier: MIT
"""Installs fastai, timm and scikit-learn beside the PyTorch of the benchmarks' own environment."""
import subprocess
import sys

# fastai's own requirements name an older PyTorch than the one we compare with, so it comes without them.
FASTAI = ['fastai==2.8.12', 'fastcore==2.2.41', 'fastprogress==1.0.5', 'fastdownload==0.0.8', 'fasttransform==0.0.5',
          'plum-dispatch<2.10', 'cloudpickle', 'beartype']
ITS_NEEDS = ['pandas', 'pyyaml', 'requests', 'pillow', 'scipy', 'scikit-learn', 'packaging', 'rich', 'torchvision==0.29.*']
TIMM = ['timm==1.0.*', 'safetensors', 'huggingface_hub']


def _pip(*words):
    subprocess.run([sys.executable, '-m', 'pip', 'install', '-q', '--no-input', *words], check=True)


def install_fastai():
    try:
        import fastai.learner  # noqa: F401
    except ImportError:
        _pip(*ITS_NEEDS)
        _pip('--no-deps', *FASTAI)


def install_timm():
    try:
        import timm  # noqa: F401
    except ImportError:
        _pip('--no-deps', *TIMM)
        _pip('pyyaml', 'filelock', 'httpx', 'hf-xet', 'tqdm', 'typer-slim')


def install_sklearn():
    try:
        import sklearn  # noqa: F401
    except ImportError:
        _pip('scikit-learn==1.*')
