#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_summary --model "C:$gft_checkpoints/model.PaddleHub/language/syn_ant/adj.32/ckpt/32"
