#!/bin/sh
outdir=${1:?usage: sh tweet_eval_emoji.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:tweet_eval,emoji \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 10
