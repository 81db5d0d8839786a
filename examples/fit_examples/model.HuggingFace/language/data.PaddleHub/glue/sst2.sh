#!/bin/sh
outdir=${1:?usage: sh sst2.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data P:glue,sst-2 \
    --metric H:glue,sst2 \
    --output_dir "$outdir" \
    --eqn 'classify: labels ~ sentence' \
    --num_train_epochs 3
