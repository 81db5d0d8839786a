#!/bin/sh
: "${gft:?the folder of gft's repository}"
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/VAD/simple/10k/ckpt" \
    --data "C:$gft/datasets/VAD/simple/VAD.simple.10k"
