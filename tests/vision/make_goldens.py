#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes *_goldens.inc: what torchvision, timm and fastai say about the nets of the catalogue and what is built
of them.

    python tests/vision/make_goldens.py        (needs torch, torchvision, timm, fastai)

Names and shapes are compared by a hash of "name (sizes)" lines. Weights and pictures come from one formula that
tests/vision/formula.h and formula.py have, so that only the scores are stored.
"""
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
import fastai
import timm
import torch
import torchvision
from fastai.layers import ConvLayer, PixelShuffle_ICNR, ResBlock, SelfAttention
from fastai.vision.all import DynamicUnet, create_body, create_head, xresnet18, xresnet34, xresnet50, xresnet101
from formula import fill, fnv, noise

here = Path(__file__).parent


def scores(net, size):
    with torch.no_grad(): return net(noise("picture", (1, 3, size, size)).float()).flatten().tolist()


NETS = {
    **{n: getattr(torchvision.models, n) for n in
       ["resnet18", "resnet34", "resnet50", "resnet101", "squeezenet1_0", "squeezenet1_1"]},
    "xresnet18": xresnet18, "xresnet34": xresnet34, "xresnet50": xresnet50, "xresnet101": xresnet101,
    **{n: (lambda n=n, **kw: timm.create_model(n, **kw)) for n in
       ["resnet18d", "resnet26d", "mobilenetv2_100", "tf_efficientnet_lite0", "convnext_atto", "convnext_femto",
        "convnext_pico", "convnext_nano", "convnext_tiny", "convnext_small", "convnext_base", "convnext_large",
        "convnext_xlarge", "vit_tiny_patch16_224", "vit_small_patch16_224", "deit_tiny_patch16_224",
        "deit_small_patch16_224"]},
}
SCORED = {"resnet18": 64, "resnet50": 64, "squeezenet1_0": 70, "squeezenet1_1": 64, "xresnet18": 64,
          "xresnet50": 64, "resnet18d": 64, "resnet26d": 65, "mobilenetv2_100": 64, "tf_efficientnet_lite0": 65,
          "convnext_atto": 64, "convnext_tiny": 64, "vit_tiny_patch16_224": 224}


def names_hash(net):
    state = net.state_dict()
    lines = "".join(f"{k} ({', '.join(map(str, v.shape))})\n" for k, v in state.items())
    return f"{len(state)}, 0x{fnv(lines.encode()):016x}"


def count(net):
    return sum(p.numel() for p in net.parameters())


def net_row(name):
    with torch.device("meta"): net = NETS[name]()
    return f'    {{"{name}", {count(net)}, {names_hash(net)}}},'


def score_row(name):
    arguments = {"n_out": 10} if name.startswith("xres") else {"num_classes": 10}
    values = ", ".join(f"{v:.7g}" for v in scores(fill(NETS[name](**arguments)), SCORED[name]))
    return f'    {{"{name}", {SCORED[name]}, {{{values}}}}},'


def unet(*size, **options):
    body = create_body(torchvision.models.resnet18(), pretrained=False, cut=-2)
    return DynamicUnet(body, 5, size, **options)


def layers_row(name, net, shape, train=False):
    fill(net).train(train)
    with torch.no_grad(): y = net(noise("picture", shape).float()).flatten()
    picked = ", ".join(f"{v:.7g}" for v in y[:: max(1, len(y) // 10)][:10].tolist())
    return f'    {{"{name}", {count(net)}, {names_hash(net)}, {{{picked}}}}},'


made = f"""// SPDX-License-Identifier: MIT
// Made by tests/vision/make_goldens.py with torchvision {torchvision.__version__}, timm {timm.__version__}, \
fastai {fastai.__version__}.
// clang-format off
"""
(here / "zoo_goldens.inc").write_text(made + "\n".join([
    "const NetGolden kNets[] = {", *map(net_row, NETS), "};",
    "const ScoreGolden kScores[] = {", *map(score_row, SCORED), "};"]) + "\n")

torch.manual_seed(0)
head = create_head(512, 3)
vision = torch.nn.Sequential(create_body(torchvision.models.resnet18(), pretrained=False, cut=-2), head)
(here / "layers_goldens.inc").write_text(made + "\n".join([
    "const LayersGolden kLayers[] = {",
    layers_row("vision resnet18", vision, (1, 3, 64, 64)),
    layers_row("head lin_first", create_head(8, 3, [16], lin_first=True, bn_final=True, y_range=(-2, 3)), (1, 8, 3, 3)),
    layers_row("head plain", create_head(8, 3, [], pool=False, first_bn=False), (1, 8)),
    layers_row("unet", unet(70, 94), (1, 3, 70, 94)),
    layers_row("unet with all", unet(64, 64, blur=True, self_attention=True, y_range=(0, 1)), (1, 3, 64, 64), True),
    layers_row("unet without cross", unet(64, 64, last_cross=False, blur=True, blur_final=False), (1, 3, 64, 64)),
    layers_row("shuffle", PixelShuffle_ICNR(8, 4, blur=True), (1, 8, 3, 4)),
    layers_row("attention", SelfAttention(16), (2, 16, 3, 4), True),
    layers_row("resblock", ResBlock(4, 4, 8, stride=2), (1, 16, 5, 5)),
    layers_row("conv after", ConvLayer(3, 4, bn_1st=False, act_cls=torch.nn.SiLU, stride=2), (1, 3, 5, 5)),
    "};"]) + "\n")
