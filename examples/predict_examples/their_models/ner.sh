#!/bin/sh
printf '%s\n' 'Ada Lovelace was born in London.' |
gft_predict --model H:dslim/bert-base-NER
