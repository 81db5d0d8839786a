#!/bin/sh
outdir=${1:?usage: sh snli.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:snli \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ premise + hypothesis' \
    --per_device_train_batch_size 8 \
    --num_train_epochs 20
