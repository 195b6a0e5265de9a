"""The table of networks: names, sources, sizes, normalisation. It does not import Keras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cxrcompare.errors import InputError
from cxrcompare.models import own_networks

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Normalisation = Literal["caffe", "torch", "tf", "128", "unit"]
"""How a family normalises pixels in 0..255 before its first convolution.

caffe: channels in the order blue, green, red, minus their ImageNet means.
torch: scaled to 0..1, minus the channel's ImageNet mean, divided by its standard deviation.
tf: scaled to -1..1. 128: divided by 128, minus 1. unit: scaled to 0..1; no family uses it.
"""

_RGB_MEANS = (0.485, 0.456, 0.406)
_RGB_DEVIATIONS = (0.229, 0.224, 0.225)
_BGR_MEANS = (103.939, 116.779, 123.68)


@dataclass(frozen=True)
class Backbone:
    """A network's entry.

    Attributes:
        name: Lower case, no underscores.
        builder: The function's name in `keras.applications`; else empty.
        source: Authors, year, arXiv number.
        normalisation: The pixel normalisation that its ImageNet weights expect.
        smallest: The smallest image size in pixels.
        millions: Millions of parameters without the classifier, for RGB input.
        files: Prefixes of its weight files without a classifier, in addition to `name`.
        function: The `module:function` that returns a network of another module; else empty.
    """

    name: str
    builder: str
    source: str
    normalisation: Normalisation
    smallest: int
    millions: float
    files: tuple[str, ...] = ()
    function: str = ""


def names() -> tuple[str, ...]:
    """Returns the networks' names: the five of the original study, others, registered ones."""
    return (*_TABLE, *dict.fromkeys(one.name for one in _registered()))


def get(name: str) -> Backbone:
    """Returns a network's entry; checks that modules of other packages exist, without import.

    Args:
        name: A name of `names()`; case, spaces, hyphens and underscores are ignored. Or
            `module:function`, a function of a module that can be imported.

    Raises:
        InputError: No network has that name.
    """
    if own_networks.is_reference(name):
        function = own_networks.check_reference(name)
        if _key(function) in _TABLE:
            raise InputError(
                f"{name}: must not have the name of a network of `cxrcompare models`. "
                f"Received: {function}"
            )
        return _own(function, name)
    if _key(name) in _TABLE:
        return _TABLE[_key(name)]
    points = [one for one in _registered() if _key(one.name) == _key(name)]
    if not points:
        raise InputError(
            f"`model` must be one of {', '.join(names())}, or module:function. Received: {name}"
        )
    return _own(points[0].name, own_networks.check_registered(points))


def is_own(name: str) -> bool:
    """Returns whether a network is from another module or package.

    Raises:
        InputError: See `get`.
    """
    return bool(get(name).function)


def short_name(name: str) -> str:
    """Returns the name of a network in run folders; for `module:function`, the function name.

    Raises:
        InputError: See `get`.
    """
    return get(name).name


def check_imagenet(entry: Backbone) -> None:
    """Checks that ImageNet weights are available for a network.

    Raises:
        InputError: The network is from another module.
    """
    if entry.function:
        raise InputError(
            f"`weights` of {entry.name} must be none, a .h5 file or a finished run, because it "
            "has no ImageNet weights. Received: imagenet"
        )


def _key(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter not in " -_")


def _own(name: str, function: str) -> Backbone:
    return Backbone(name, "", function, "tf", 32, float("nan"), function=function)


def _registered() -> list[EntryPoint]:
    """Returns the networks of other packages; names of this package cannot be replaced."""
    return [one for one in own_networks.registered() if _key(one.name) not in _TABLE]


def describe() -> tuple[str, ...]:
    """Returns one line per network: name, parameters without the classifier, source.

    For a network of another package, the source is its function and the parameters are unknown.
    """
    width = max(map(len, names()))
    return tuple(f"{name:<{width}}  {_described(name)}" for name in names())


def _described(name: str) -> str:
    try:
        entry = get(name)
    except InputError as error:
        return f"cannot be used: {error}"
    millions = f"{'-':>6}" if entry.function else f"{entry.millions:6.1f}"
    return f"{millions} M parameters  {entry.source}"


def scales_and_offsets(normalisation: Normalisation) -> tuple[list[float], list[float]]:
    """Returns each channel's factor and offset: the network's input is `pixel * factor + offset`.

    Args:
        normalisation: The family's normalisation.
    """
    if normalisation == "caffe":
        return [1.0] * 3, [-mean for mean in _BGR_MEANS]
    if normalisation == "torch":
        return (
            [1 / (255 * deviation) for deviation in _RGB_DEVIATIONS],
            [-mean / dev for mean, dev in zip(_RGB_MEANS, _RGB_DEVIATIONS, strict=True)],
        )
    if normalisation == "unit":
        return [1 / 255] * 3, [0.0] * 3
    return [1 / (127.5 if normalisation == "tf" else 128)] * 3, [-1.0] * 3


def _entries() -> list[Backbone]:
    resnet = "He et al. 2015, arXiv 1512.03385"
    second = "He et al. 2016, arXiv 1603.05027"
    dense = "Huang et al. 2017, arXiv 1608.06993"
    mobile3 = "Howard et al. 2019, arXiv 1905.02244"
    efficient = "Tan and Le 2019, arXiv 1905.11946"
    efficient2 = "Tan and Le 2021, arXiv 2104.00298"
    convnext = "Liu et al. 2022, arXiv 2201.03545"
    inception = "Szegedy et al. 2015, arXiv 1512.00567"
    residual = "Szegedy et al. 2016, arXiv 1602.07261"
    vgg = "Simonyan and Zisserman 2014, arXiv 1409.1556"
    nasnet = "Zoph et al. 2018, arXiv 1707.07012"
    entries = [
        Backbone("resnet34", "", resnet, "torch", 32, 21.3),
        Backbone("resnet50", "ResNet50", resnet, "caffe", 32, 23.6),
        Backbone("resnet101", "ResNet101", resnet, "caffe", 32, 42.7),
        Backbone("densenet121", "DenseNet121", dense, "torch", 32, 7.0),
        Backbone(
            "mobilenet",
            "MobileNet",
            "Howard et al. 2017, arXiv 1704.04861",
            "tf",
            32,
            3.2,
            ("mobilenet_1_0_224_tf",),
        ),
        Backbone("resnet152", "ResNet152", resnet, "caffe", 32, 58.4),
        Backbone("resnet50v2", "ResNet50V2", second, "tf", 32, 23.6),
        Backbone("resnet101v2", "ResNet101V2", second, "tf", 32, 42.6),
        Backbone("resnet152v2", "ResNet152V2", second, "tf", 32, 58.3),
        Backbone("densenet169", "DenseNet169", dense, "torch", 32, 12.6),
        Backbone("densenet201", "DenseNet201", dense, "torch", 32, 18.3),
        Backbone(
            "mobilenetv2",
            "MobileNetV2",
            "Sandler et al. 2018, arXiv 1801.04381",
            "tf",
            32,
            2.3,
            ("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224",),
        ),
        Backbone(
            "mobilenetv3small",
            "MobileNetV3Small",
            mobile3,
            "tf",
            32,
            0.9,
            ("weights_mobilenet_v3_small_224_1.0_float",),
        ),
        Backbone(
            "mobilenetv3large",
            "MobileNetV3Large",
            mobile3,
            "tf",
            32,
            3.0,
            ("weights_mobilenet_v3_large_224_1.0_float",),
        ),
    ]
    for level, millions in enumerate((4.0, 6.6, 7.8, 10.8, 17.7, 28.5, 41.0, 64.1)):
        name = f"EfficientNetB{level}"
        entries.append(Backbone(name.lower(), name, efficient, "torch", 32, millions))
    for level, millions in enumerate((5.9, 6.9, 8.8, 12.9)):
        name, file = f"EfficientNetV2B{level}", f"efficientnetv2-b{level}"
        entries.append(Backbone(name.lower(), name, efficient2, "torch", 32, millions, (file,)))
    for letter, millions in (("S", 20.3), ("M", 53.2), ("L", 117.7)):
        name, file = f"EfficientNetV2{letter}", f"efficientnetv2-{letter.lower()}"
        entries.append(Backbone(name.lower(), name, efficient2, "128", 32, millions, (file,)))
    for size, millions in (
        ("Tiny", 27.8),
        ("Small", 49.5),
        ("Base", 87.6),
        ("Large", 196.2),
        ("XLarge", 348.1),
    ):
        name, file = f"ConvNeXt{size}", f"convnext_{size.lower()}"
        entries.append(Backbone(name.lower(), name, convnext, "torch", 32, millions, (file,)))
    entries += [
        Backbone("xception", "Xception", "Chollet 2017, arXiv 1610.02357", "tf", 71, 20.9),
        Backbone("inceptionv3", "InceptionV3", inception, "tf", 75, 21.8, ("inception_v3",)),
        Backbone(
            "inceptionresnetv2",
            "InceptionResNetV2",
            residual,
            "tf",
            75,
            54.3,
            ("inception_resnet_v2",),
        ),
        Backbone("vgg16", "VGG16", vgg, "caffe", 32, 14.7),
        Backbone("vgg19", "VGG19", vgg, "caffe", 32, 20.0),
        Backbone("nasnetmobile", "NASNetMobile", nasnet, "tf", 32, 4.3, ("nasnet_mobile",)),
        Backbone("nasnetlarge", "NASNetLarge", nasnet, "tf", 32, 84.9, ("nasnet_large",)),
    ]
    return entries


_TABLE: dict[str, Backbone] = {entry.name: entry for entry in _entries()}
