#!/bin/sh
outdir=${1:?usage: sh tweet_eval_stance_abortion.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:tweet_eval,stance_abortion \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 10
