#!/bin/sh
: "${gft:?the folder of gft's repository}"
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.HuggingFace/language/syn_ant/verb.64/ckpt/64" \
    --data "C:$gft/datasets/syn_ant/tag-verb-pairs"
