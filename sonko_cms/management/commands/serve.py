import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from wagtail.models import Site

from network.demo_network import logins
from sonko_cms.stopping import stop_asked

PID_FILE = settings.VAR_DIR / "serve.pid"


class Command(BaseCommand):
    help = "Runs everything on this machine: database, demo, web server and worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("This is for development (DEBUG=on): it moves the sites' ports.")
        port = options["port"]
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        self._prepare_database(port)
        # The children read the port from the environment: links in letters carry it.
        children = self._start(port, {**os.environ, "PORT": str(port)})
        PID_FILE.write_text(str(os.getpid()))
        self._tell(port)
        try:
            self._wait(children, port)
        finally:
            for child in children.values():
                child.terminate()
            for child in children.values():
                child.wait()
            PID_FILE.unlink(missing_ok=True)

    def _prepare_database(self, port: int) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("→ making the tables of the database (about 15 s)")
            call_command("migrate", verbosity=0, interactive=False)
        if not Site.objects.exists():
            what = "the demo network" if settings.NETWORK else "the demo site (NETWORK=off)"
            self.stdout.write(f"→ filling {what}")
            call_command("demo", port=port)
        elif Site.objects.exclude(port=port).exists():
            self.stdout.write(f"→ moving the sites to port {port}")
            Site.objects.exclude(port=port).update(port=port)
            Site.clear_site_root_paths_cache()

    def _start(self, port: int, env: dict[str, str]) -> dict[str, subprocess.Popen[bytes]]:
        web = [sys.executable, "-m", "gunicorn", "sonko_cms.wsgi", f"--bind=127.0.0.1:{port}"]
        quiet = ["--threads=8", "--log-level=warning", "--timeout=60"]
        worker = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"]
        return {
            "web": subprocess.Popen(web + quiet, env=env, cwd=settings.BASE_DIR),  # noqa: S603
            "worker": subprocess.Popen(worker, env=env, cwd=settings.BASE_DIR),  # noqa: S603
        }

    def _wait(self, children: dict[str, subprocess.Popen[bytes]], port: int) -> None:
        is_to_end = stop_asked()
        while True:
            time.sleep(1)
            if is_to_end():
                return
            for name, child in children.items():
                if child.poll() is not None:
                    hint = f" Is port {port} taken? Try PORT=8010." if name == "web" else ""
                    raise CommandError(f"{name} ended with code {child.returncode}.{hint}")

    def _tell(self, port: int) -> None:
        lines = ["", "Sites:"]
        for site in Site.objects.select_related("root_page").order_by("pk"):
            lines.append(f"  {site.root_url}/  {site.site_name}")
        lines += ["Admin:", f"  http://{settings.ADMIN_HOST}:{port}/admin/"]
        if settings.DEBUG and settings.DEMO_PASSWORD:
            lines += [f"Logins (password {settings.DEMO_PASSWORD}):"]
            lines += [f"  {email}  {role}" for email, role in logins()]
        lines += ["Stop with Ctrl-C.", ""]
        self.stdout.write("\n".join(lines))
