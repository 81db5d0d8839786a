#!/bin/sh
gft_summary --model H:google-t5/t5-small
