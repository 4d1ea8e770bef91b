"""From a version of a model to a running, tested Docker image.

engine.py                    the Docker engine, with errors that say what to do
base.py                      what a base image has: Python, architecture, libc
source.py, requirements.py   what goes in: files, code, packages
lock.py, site.py             the packages for the base, pinned by hash, unpacked on this side
bytecode.py                  compiled beside its sources
pip_site.py                  the same where wheels alone do not do; network.py: proxies, certificates, indexes
layer.py, context.py         deterministic tars, and the Dockerfile that adds them
building.py, cli_building.py a context becomes an image, by the engine's builder or the `docker` program
plan.py, build.py            all that is known before; then build → smoke → tag
smoke.py, trial.py           the image in a hardened container, against the model in this process
delivery.py, emitting.py     all of it in one call; or a folder for any `docker build`
inspecting.py, comparing.py  what is in an image, and what differs between two
saving.py, collecting.py     images as files; images that nothing needs
images.py, containers.py     what was built, and what runs of it
running.py, rolling_back.py  one version in the place of another, and back; switching.py has the steps
exporting.py                 files for Compose and Kubernetes
"""
