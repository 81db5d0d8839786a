#!/bin/sh
outdir=${1:?usage: sh snli.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:snli \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ premise + hypothesis' \
    --num_train_epochs 20
