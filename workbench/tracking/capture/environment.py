"""The environment that a run came from: interpreter, machine, installed packages, telling variables.

Also a program: `python - < environment.py` prints the environment of any Python 3.8 or newer as JSON.
So this module imports nothing but the standard library.
"""

from __future__ import annotations

import os
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypedDict

    class Environment(TypedDict):
        """What a run ran in.

        Attributes:
            python: `3.12.4`; `implementation` is `cpython`, `pypy`, …
            executable, prefix: of the interpreter.
            platform: `Linux-6.1.0-x86_64-with-glibc2.36`; `machine` is `x86_64`, `arm64`, …
            cpu_model: the name of the processor, empty where nothing tells it.
            cpu_count: of the machine; `cpu_usable` of them are allowed to this process.
            memory_bytes: of the machine.
            gpus: the names of NVIDIA devices of the machine, by device number.
            packages: version by normalised name (`scikit-learn`), as imports would find them.
            direct_urls: where packages came from that were installed from a path, an archive or a repository.
            env: the variables of ALLOWED_VARIABLES that are set.
        """

        python: str
        implementation: str
        executable: str
        prefix: str
        platform: str
        machine: str
        cpu_model: str
        cpu_count: int
        cpu_usable: int
        memory_bytes: int | None
        gpus: list[str]
        packages: dict[str, str]
        direct_urls: dict[str, str]
        env: dict[str, str]


# Variables that change what a training computes or say where it ran. A list of what may be recorded, never of what may
# not: no name here can hold a secret.
ALLOWED_VARIABLES = frozenset(
    """
    CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER CUDA_LAUNCH_BLOCKING CUDA_MODULE_LOADING CUBLAS_WORKSPACE_CONFIG
    NVIDIA_VISIBLE_DEVICES NVIDIA_TF32_OVERRIDE HIP_VISIBLE_DEVICES ROCR_VISIBLE_DEVICES
    OMP_NUM_THREADS OMP_PROC_BIND MKL_NUM_THREADS MKL_DYNAMIC OPENBLAS_NUM_THREADS NUMEXPR_NUM_THREADS
    VECLIB_MAXIMUM_THREADS BLIS_NUM_THREADS POLARS_MAX_THREADS RAYON_NUM_THREADS LOKY_MAX_CPU_COUNT
    PYTHONHASHSEED PYTHONPATH PYTHONOPTIMIZE PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PYTHONUTF8 PYTHONWARNINGS
    CONDA_DEFAULT_ENV TZ LANG LC_ALL
    PYTORCH_CUDA_ALLOC_CONF PYTORCH_ENABLE_MPS_FALLBACK TORCH_ALLOW_TF32_CUBLAS_OVERRIDE TORCHDYNAMO_DISABLE
    TF_DETERMINISTIC_OPS TF_CUDNN_DETERMINISTIC TF_FORCE_GPU_ALLOW_GROWTH TF_ENABLE_ONEDNN_OPTS TF_XLA_FLAGS
    XLA_FLAGS XLA_PYTHON_CLIENT_MEM_FRACTION XLA_PYTHON_CLIENT_PREALLOCATE JAX_PLATFORMS JAX_ENABLE_X64
    TOKENIZERS_PARALLELISM HF_HUB_OFFLINE TRANSFORMERS_OFFLINE HF_DATASETS_OFFLINE NCCL_DEBUG NCCL_P2P_DISABLE
    RANK LOCAL_RANK WORLD_SIZE LOCAL_WORLD_SIZE NODE_RANK GROUP_RANK
    SLURM_JOB_ID SLURM_JOB_NAME SLURM_JOB_PARTITION SLURM_JOB_NODELIST SLURM_JOB_NUM_NODES SLURM_NTASKS SLURM_PROCID
    SLURM_LOCALID SLURM_NODEID SLURM_CPUS_PER_TASK SLURM_GPUS SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID SLURM_RESTART_COUNT
    PBS_JOBID PBS_ARRAY_INDEX LSB_JOBID LSB_JOBINDEX JOB_ID SGE_TASK_ID
    GITHUB_RUN_ID GITHUB_SHA GITHUB_REF_NAME GITHUB_WORKFLOW CI_JOB_ID CI_PIPELINE_ID CI_COMMIT_SHA BUILD_NUMBER
    """.split()
)
MAX_VALUE_CHARACTERS = 4096


def capture_environment() -> Environment:
    """The environment of this process; costs some milliseconds and never raises."""
    packages, direct_urls = installed_packages()
    return {
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "executable": sys.executable or "",
        "prefix": sys.prefix,
        "platform": _platform(),
        "machine": os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", ""),
        "cpu_model": _cpu_model(),
        "cpu_count": os.cpu_count() or 1,
        "cpu_usable": _usable_cpus(),
        "memory_bytes": _memory_bytes(),
        "gpus": _gpu_models(),
        "packages": packages,
        "direct_urls": direct_urls,
        "env": telling_variables(os.environ),
    }


def telling_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The allowed variables; a virtual environment by its folder's name, and no value with a URL's password."""
    found = {name: environment[name] for name in sorted(ALLOWED_VARIABLES) if environment.get(name)}
    if environment.get("VIRTUAL_ENV"):
        found["VIRTUAL_ENV"] = os.path.basename(environment["VIRTUAL_ENV"].rstrip("/\\"))
    return {name: _without_password(value[:MAX_VALUE_CHARACTERS]) for name, value in found.items()}


def installed_packages(search_path: list[str] | None = None) -> tuple[dict[str, str], dict[str, str]]:
    """Versions, and sources of what no index gave, by the normalised name of each distribution.

    Of two distributions of one name the first on the path counts, as for imports. Names and versions
    are read off the metadata folders (https://packaging.python.org/specifications/recording-installed-packages/),
    which takes a tenth of the time of parsing every METADATA file.
    """
    packages: dict[str, str] = {}
    direct_urls: dict[str, str] = {}
    for folder in sys.path if search_path is None else search_path:
        for name, version, metadata_folder in sorted(_distributions(folder)):
            if name not in packages:
                packages[name] = version
                url = _direct_url(metadata_folder)
                if url:
                    direct_urls[name] = url
    return dict(sorted(packages.items())), direct_urls


def _distributions(folder: str) -> Iterator[tuple[str, str, str]]:
    """`(normalised name, version, metadata folder)` of the distributions right below `folder`."""
    try:
        entries = os.listdir(folder or ".")
    except OSError:  # a zip file, or nothing at all
        return
    for entry in entries:
        base, suffix = os.path.splitext(entry)
        if suffix not in (".dist-info", ".egg-info"):
            continue
        path = os.path.join(folder, entry)
        name, _, version = base.partition("-")
        if suffix == ".egg-info":
            version = re.sub(r"-py\d.*$", "", version)
        if not version:
            name, version = _metadata_of(path) or (name, "")
        if name and not name.startswith("~"):  # what an interrupted pip leaves
            yield re.sub(r"[-_.]+", "-", name).lower(), version, path


def _metadata_of(path: str) -> tuple[str, str] | None:
    """Name and version out of a metadata folder whose name does not tell them."""
    from importlib.metadata import PathDistribution
    from pathlib import Path

    try:
        metadata = PathDistribution(Path(path)).metadata
        return (str(metadata["Name"]), str(metadata["Version"])) if metadata["Name"] else None
    except Exception:
        return None


def _direct_url(metadata_folder: str) -> str | None:
    """Where a package came from, as https://packaging.python.org/specifications/direct-url/ records it."""
    try:
        with open(os.path.join(metadata_folder, "direct_url.json"), encoding="utf-8") as file:
            import json

            source = json.load(file)
        url = _without_password(str(source["url"]))
        commit = source.get("vcs_info", {}).get("commit_id")
        if commit:
            return "{}+{}@{}".format(source["vcs_info"].get("vcs", "git"), url, commit)
        return url + " (editable)" if source.get("dir_info", {}).get("editable") else url
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return None


def _without_password(text: str) -> str:
    return re.sub(r"(://)[^\s/@]+@", r"\1***@", text)


def _platform() -> str:
    try:
        import platform

        return platform.platform()
    except Exception:
        return sys.platform


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key.strip() in ("model name", "Model", "cpu model"):
                    return value.strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        try:
            import subprocess

            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, timeout=2).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            pass
    return ""


def _usable_cpus() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count() or 1


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _gpu_models(root: str = "/proc/driver/nvidia/gpus") -> list[str]:
    """What the NVIDIA driver tells without loading a library."""
    models: list[tuple[int, str]] = []
    try:
        for device in sorted(os.listdir(root)):
            with open(os.path.join(root, device, "information"), encoding="utf-8", errors="replace") as file:
                facts = dict(re.findall(r"^([^:\n]+):\s*(.*?)\s*$", file.read(), re.MULTILINE))
            models.append((int(facts.get("Device Minor", len(models))), facts.get("Model", "")))
    except (OSError, ValueError):
        pass
    return [model for _, model in sorted(models)]


if __name__ == "__main__":
    import json

    sys.stdout.write(json.dumps(capture_environment()))
