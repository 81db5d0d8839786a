#!/bin/sh
outdir=${1:?usage: sh tweets_hate_speech_detection.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:tweets_hate_speech_detection \
    --splits train,__select_from_train__,train \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ tweet' \
    --num_train_epochs 10
