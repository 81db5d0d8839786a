#!/bin/sh
gft_eval --model H:facebook/wav2vec2-base-960h \
    --data H:librispeech_asr,clean \
    --split test \
    --eqn 'ctc: text ~ audio'
