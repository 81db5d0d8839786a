#!/bin/sh
gft_eval --model H:dslim/bert-base-NER \
    --data H:conll2003 \
    --split test \
    --eqn 'classify_tokens: ner_tags ~ tokens'
