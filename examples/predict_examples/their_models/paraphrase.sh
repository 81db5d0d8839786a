#!/bin/sh
printf '%s\n' 'The meeting was moved to May.|They meet in May instead.' |
gft_predict --model H:Intel/bert-base-uncased-mrpc
