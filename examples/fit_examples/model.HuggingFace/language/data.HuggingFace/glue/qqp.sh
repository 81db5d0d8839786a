#!/bin/sh
outdir=${1:?usage: sh qqp.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:glue,qqp \
    --metric H:glue,qqp \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ question1 + question2' \
    --num_train_epochs 3
