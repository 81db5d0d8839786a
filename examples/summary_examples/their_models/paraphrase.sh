#!/bin/sh
gft_summary --model H:Intel/bert-base-uncased-mrpc \
    --data H:glue,mrpc
