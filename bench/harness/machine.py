"""What the figures were measured on."""

import datetime
import os
import platform
import subprocess
from pathlib import Path

from harness.peers import ROOT
from harness.runs import cores


def read_text(path: str, fallback: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return fallback


def machine_facts() -> dict[str, str]:
    model = next((line.split(":", 1)[1].strip() for line in read_text("/proc/cpuinfo", "").splitlines()
                  if line.startswith("model name")), platform.machine())
    server_core, client_core = cores()
    revision = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"],
                              capture_output=True, text=True, check=False).stdout.strip()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "socketserver": revision or "no checkout",
        "processor": f"{model}, {os.cpu_count()} cores",
        "cores used": f"server {server_core}, client {client_core}",
        "kernel": f"{platform.system()} {platform.release()}",
        "governor": read_text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "not readable"),
        "load before": f"{os.getloadavg()[0]:.2f}",
    }
