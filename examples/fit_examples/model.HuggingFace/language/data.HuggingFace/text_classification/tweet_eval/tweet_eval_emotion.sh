#!/bin/sh
outdir=${1:?usage: sh tweet_eval_emotion.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:tweet_eval,emotion \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 10
