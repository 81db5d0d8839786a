#!/bin/sh
outdir=${1:?usage: sh cola.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:glue,cola \
    --metric H:glue,cola \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence' \
    --figure_of_merit matthews_correlation \
    --num_train_epochs 3
