#!/bin/sh
gft_summary --model H:dslim/bert-base-NER \
    --data H:conll2003
