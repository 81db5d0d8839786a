#!/bin/sh
gft_eval --model H:bhadresh-savani/distilbert-base-uncased-emotion \
    --data H:dair-ai/emotion \
    --split test \
    --eqn 'classify: label ~ text'
