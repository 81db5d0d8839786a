#!/bin/sh
: "${gft:?the folder of gft's repository}"
outdir=${1:?usage: sh VAD.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data "C:$gft/datasets/VAD/VAD" \
    --output_dir "$outdir" \
    --eqn 'regress: Valence + Arousal + Dominance ~ Word' \
    --num_train_epochs 10
