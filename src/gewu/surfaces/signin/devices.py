"""Kinds of device in plain words."""

from __future__ import annotations

_SHAPES = {"phone": ("Phone", "手机"), "tablet": ("Tablet", "平板"), "computer": ("Computer", "电脑")}
_NAMES = {
    "wecom": ("WeCom", "企业微信"),
    "wechat": ("WeChat", "微信"),
    "dingtalk": ("DingTalk", "钉钉"),
    "edge": ("Edge", "Edge"),
    "firefox": ("Firefox", "Firefox"),
    "chrome": ("Chrome", "Chrome"),
    "safari": ("Safari", "Safari"),
    "windows": ("Windows", "Windows"),
    "harmonyos": ("HarmonyOS", "鸿蒙"),
    "android": ("Android", "安卓"),
    "ios": ("iOS", "iOS"),
    "macos": ("macOS", "macOS"),
    "linux": ("Linux", "Linux"),
}


def device_words(device: str, language: str) -> str:
    """``phone/wechat/android`` as ``Phone · WeChat · Android`` or ``手机 · 微信 · 安卓``."""
    at = 1 if language.startswith("zh") else 0
    found = [names[at] for code in device.split("/") if (names := _SHAPES.get(code) or _NAMES.get(code))]
    return " · ".join(found) or ("其他程序", "Another program")[1 - at]
