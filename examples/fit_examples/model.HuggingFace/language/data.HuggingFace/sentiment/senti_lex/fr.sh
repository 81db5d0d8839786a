#!/bin/sh
outdir=${1:?usage: sh fr.sh FOLDER}
gft_fit --model H:bert-base-multilingual-uncased \
    --data H:senti_lex,fr \
    --splits train,__select_from_train__,train \
    --output_dir "$outdir" \
    --eqn 'classify: sentiment ~ word' \
    --data_dir "$HOME/.manual_dirs/senti_lex" \
    --num_train_epochs 3
