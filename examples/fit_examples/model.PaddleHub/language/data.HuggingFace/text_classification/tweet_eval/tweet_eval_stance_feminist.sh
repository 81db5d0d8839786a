#!/bin/sh
outdir=${1:?usage: sh tweet_eval_stance_feminist.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:tweet_eval,stance_feminist \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 10
