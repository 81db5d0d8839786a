#!/bin/sh
: "${gft:?the folder of gft's repository}"
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.PaddleHub/language/KGC/WN18RR/ckpt" \
    --data "C:$gft/datasets/KGC/WN18RR"
