#!/bin/sh
outdir=${1:?usage: sh sst.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:sst \
    --output_dir "$outdir" \
    --eqn 'regress: label ~ sentence' \
    --num_train_epochs 3
