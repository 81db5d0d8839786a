#!/bin/sh
outdir=${1:?usage: sh sst2.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:glue,sst2 \
    --metric H:glue,sst2 \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence' \
    --num_train_epochs 3
