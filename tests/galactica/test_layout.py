import subprocess
import sys

import pytest

from galactica.layout import check_layout
from galactica.settings import ModelSettings, TrainingSettings

MODEL = ModelSettings(
    num_layers=6, hidden_size=48, num_attention_heads=4, max_position_embeddings=64
)
TRAINING = TrainingSettings(
    epochs=1,
    sequence_length_tokens=64,
    global_batch_size_samples=24,
    micro_batch_size_samples=2,
    learning_rate=1e-3,
)


@pytest.mark.parametrize(
    ("changes", "processes", "replicas"),
    [
        ({}, 1, 1),
        ({}, 12, 12),
        ({"tensor_parallel": 4, "pipeline_parallel": 3}, 36, 3),
        ({"tensor_parallel": 2, "sequence_parallel": True, "distributed_optimizer": True}, 8, 4),
    ],
)
def test_a_possible_layout_has_so_many_replicas(
    changes: dict[str, object], processes: int, replicas: int
) -> None:
    assert check_layout(MODEL, TRAINING.model_copy(update=changes), processes) == replicas


@pytest.mark.parametrize(
    ("changes", "processes", "message"),
    [
        ({"sequence_length_tokens": 65}, 1, "tokens 65 is longer than .*embeddings 64"),
        ({"tensor_parallel": 3}, 3, "heads 4 is not a multiple of training.tensor_parallel 3"),
        ({"pipeline_parallel": 4}, 4, "num_layers 6 is not a multiple of .*pipeline_parallel 4"),
        ({"tensor_parallel": 2}, 3, "2 x pipeline_parallel 1 needs a multiple of 2 .* are 3"),
        ({}, 16, r"samples 24 is not a multiple of .*samples 2 x 16 data-parallel .* = 32"),
    ],
)
def test_an_impossible_layout_is_refused_with_its_numbers(
    changes: dict[str, object], processes: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_layout(MODEL, TRAINING.model_copy(update=changes), processes)


def test_every_fault_has_its_line() -> None:
    wrong = TRAINING.model_copy(update={"tensor_parallel": 3, "pipeline_parallel": 4})
    with pytest.raises(ValueError, match=r"heads 4") as refusal:
        check_layout(MODEL, wrong, 13)
    assert len(str(refusal.value).splitlines()) == 3


@pytest.mark.parametrize("module", ["galactica.layout", "galactica.presets"])
def test_torch_is_not_needed(module: str) -> None:
    program = f"import sys, {module}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
