#!/bin/sh
: "${gft:?the folder of gft's repository}"
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/VAD/simple/100k/ckpt" \
    --data "C:$gft/datasets/VAD/simple/VAD.simple.100k"
