#!/bin/sh
outdir=${1:?usage: sh mnli_mismatched.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data P:glue,mnli \
    --metric H:glue,mnli \
    --splits train,dev_mismatched,test_mismatched \
    --output_dir "$outdir" \
    --eqn 'classify: labels ~ sentence1 + sentence2' \
    --num_train_epochs 3
