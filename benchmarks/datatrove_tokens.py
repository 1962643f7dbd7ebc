"""datatrove's tokenizer step over a folder of Parquet, run by `pipeline_speed.py`.

    python benchmarks/datatrove_tokens.py PARQUET_FOLDER OUTPUT_FOLDER TOKENIZER_JSON WORKERS

It runs in the environment of `--peer-python` and imports nothing of this project.
"""

import sys

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import ParquetReader
from datatrove.pipeline.tokens import DocumentTokenizer


def main() -> None:
    inputs, output, tokenizer, workers = sys.argv[1:]
    LocalPipelineExecutor(
        pipeline=[
            ParquetReader(inputs),
            DocumentTokenizer(f"{output}/tokens", tokenizer, eos_token="</s>", seed=0),
        ],
        tasks=int(workers),
        workers=int(workers),
        logging_dir=f"{output}/logs",
        start_method="spawn",  # so that its workers are waited for and their CPU time is counted
    ).run()


if __name__ == "__main__":
    main()
