r"""Conversations in one string, their speakers told by marks.

Dialects: hh-rlhf's `\n\nHuman: ...\n\nAssistant: ...` (Bai et al. 2022, arXiv:2204.05862); Alpaca's
`### Instruction:`, `### Input:`, `### Response:` and the like (`### Human:`); Vicuna's and Glaive's
`USER: ... ASSISTANT: ...`; ChatML (`<|im_start|>user`); Llama 2's `[INST] ... [/INST]`. A text that
begins with no mark is no transcript, but for the introductions that these dialects put there.
"""

import re
from collections import Counter
from typing import Final

from corpora.conversations import Turn, role_of
from corpora.text_columns import tidy

_HH_MARK: Final = re.compile(r"(?:\A|\n\n)(Human|Assistant): ?")
_HEADING: Final = re.compile(
    r"(?:\A|\n)[ \t]*### ?(Human|User|Instruction|Input|Assistant|Response|Output|System)"
    r"(?: \([^()\n]{0,40}\))?:[ \t]*\n?"
)
_CAPITALS: Final = re.compile(
    r"(?:\A|\n|(?<=</s>))[ \t]*(SYSTEM|USER|ASSISTANT|FUNCTION RESPONSE):[ \t\n]*"
)
_CHATML: Final = re.compile(r"<\|im_start\|>[ \t]*([a-z_]{1,20})[ \t]*\n")
_LLAMA: Final = re.compile(r"(?:<s>[ \t\n]*)?\[(/?INST)\]")
_LLAMA_SYSTEM: Final = re.compile(r"\A\s*<<SYS>>(.*?)<</SYS>>", re.DOTALL)
_ENDS: Final = re.compile(r"(?:\s*(?:</s>|<\|im_end\|>|<\|endoftext\|>))+\s*\Z")
_INTRODUCTION: Final = re.compile(r"Below is an instruction|A chat between|<s>\Z")
_ROLES: Final = {"input": "user", "output": "assistant", "inst": "user", "/inst": "assistant",
                 "function response": "tool"}  # fmt: skip


def turns_of_transcript(text: str, cleaned: Counter[str]) -> list[Turn]:
    r"""The turns of an hh-rlhf string; of those without a text only the last one stays.

    A text without such marks is one turn of nobody known: none are given.

    >>> [turn.role for turn in turns_of_transcript("\n\nHuman: Why?\n\nAssistant: So.", Counter())]
    ['user', 'assistant']
    """
    said = _HH_MARK.split(text.replace("\r\n", "\n"))
    if said[0].strip():
        return []
    turns = []
    for speaker, content in zip(said[1::2], said[2::2], strict=True):
        words = tidy(content.strip(), cleaned)
        turns.append(Turn(role_of(speaker, cleaned), words))
    return [turn for turn in turns[:-1] if turn.content] + turns[-1:]


def turns_of_marked_text(text: str, cleaned: Counter[str]) -> list[Turn]:
    r"""The turns of a string of any dialect; none for a text without marks.

    >>> turns_of_marked_text("### Instruction:\nAdd.\n\n### Input:\n1, 2\n\n### Response:\n3", Counter())
    [Turn(role='user', content='Add.\n\n1, 2'), Turn(role='assistant', content='3')]
    """  # noqa: E501 - one line of a doctest
    if turns := turns_of_transcript(text, cleaned):
        return turns
    text = text.replace("\r\n", "\n").strip()
    for mark in (_CHATML, _LLAMA, _HEADING, _CAPITALS):
        said = mark.split(text)
        before = said[0].strip()
        if len(said) < 2 or (before and not _INTRODUCTION.match(before)):
            continue
        turns = []
        for speaker, content in zip(said[1::2], said[2::2], strict=True):
            role = _ROLES.get(speaker.lower()) or role_of(speaker, cleaned)
            system = _LLAMA_SYSTEM.match(content) if mark is _LLAMA and not turns else None
            if system and (words := tidy(system[1].strip(), cleaned)):
                turns.append(Turn("system", words))
            content = content[system.end() :] if system else content
            words = tidy(_ENDS.sub("", content).strip(), cleaned)
            if words and turns and turns[-1].role == role:
                turns[-1] = Turn(role, f"{turns[-1].content}\n\n{words}")
            elif words:
                turns.append(Turn(role, words))
        return turns
    return []
