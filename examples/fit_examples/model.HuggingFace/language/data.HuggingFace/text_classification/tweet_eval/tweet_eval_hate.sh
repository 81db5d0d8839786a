#!/bin/sh
outdir=${1:?usage: sh tweet_eval_hate.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:tweet_eval,hate \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 10
