#!/bin/sh
printf '%s\n' 'The house is small.' 'Where is the station?' |
gft_predict --model H:google-t5/t5-small \
    --task translation \
    --source_prefix 'translate English to German: '
