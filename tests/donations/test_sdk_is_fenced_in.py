"""The SDK's global configuration sends one shop's payments to another: nobody may touch it."""

import re
from pathlib import Path

from django.conf import settings

GLOBAL = re.compile(r"Configuration\s*\.|import\s+.*\bConfiguration\b|configure_auth_token")


def _modules() -> list[Path]:
    packages = [path.parent for path in settings.BASE_DIR.glob("*/__init__.py")]
    return [module for package in packages for module in package.rglob("*.py")]


def test_no_module_names_the_global_configuration() -> None:
    modules = [module for module in _modules() if module != Path(__file__).resolve()]
    assert len(modules) > 100
    found = [str(module) for module in modules if GLOBAL.search(module.read_text("utf-8"))]
    assert found == []


def test_only_the_provider_imports_the_sdk() -> None:
    importing = re.compile(r"^\s*(?:from|import) yookassa\b", re.MULTILINE)
    found = {
        str(module.relative_to(settings.BASE_DIR))
        for module in _modules()
        if importing.search(module.read_text("utf-8"))
    }
    assert "donations/providers/yookassa.py" in found
    assert {name for name in found if not name.startswith("tests/")} == {
        "donations/providers/yookassa.py"
    }
