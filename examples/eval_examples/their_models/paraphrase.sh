#!/bin/sh
gft_eval --model H:Intel/bert-base-uncased-mrpc \
    --data H:glue,mrpc \
    --metric H:glue,mrpc \
    --split validation \
    --eqn 'classify: label ~ sentence1 + sentence2'
