#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_summary --model "C:$gft_checkpoints/model.HuggingFace/language/syn_ant/noun.64/ckpt/64"
