"""Names for runs that people did not name: short, pronounceable, easy to tell apart."""

from __future__ import annotations

ADJECTIVES = (
    "amber bold brave bright brisk calm clever cosy crisp daring deft eager early fair fleet fond frank fresh gentle "
    "glad golden grand green happy hardy humble jolly keen kind lively loyal lucid lunar mellow merry mild modest neat "
    "nimble noble plain polite prime proud quick quiet rapid ready royal sharp shy silver sleek smart snug solar solid "
    "spry stable steady still stout sunny sure swift tender tidy vivid warm wise witty young zesty"
).split()
ANIMALS = (
    "badger bear beaver bison boar camel cat civet condor coyote crane crow deer dingo dove duck eagle egret elk emu "
    "falcon ferret finch fox gecko goose grouse gull hare hawk heron horse ibex ibis jackal jay kite kiwi koala lark "
    "lemur lion llama lynx marten mink mole moose moth mouse newt okapi orca oriole osprey otter owl panda pika pony "
    "puffin puma quail rabbit raven robin salmon seal shrew skunk sloth snipe squid stoat stork swan swift tapir tern "
    "tiger toad trout turtle vole walrus weasel whale wolf wombat wren yak zebra"
).split()


def run_name(run_id: str) -> str:
    """A name such as `brave-otter`, taken from the id so that it needs no look-up."""
    number = int(run_id[:12], 16)
    return f"{ADJECTIVES[number % len(ADJECTIVES)]}-{ANIMALS[number // len(ADJECTIVES) % len(ANIMALS)]}"
