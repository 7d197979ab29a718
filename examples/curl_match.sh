#!/bin/sh
# A whole match with nothing but curl: two players register, are paired, load, exchange words, and quit.
#
#   sh examples/curl_match.sh [URL]
#
# Every line is `symbol,data,key,player,counter`; every reply `status/code/body`. See docs/protocol.md.
set -eu

url=${1:-http://127.0.0.1:8192}
ann=ann-$$ # nobody else has these names, so the match works on a busy server too
bob=bob-$$

# post WHO LINE: send one line, show it with its reply, and leave the reply's body in $body.
post() {
    reply=$(curl --silent --show-error --max-time 30 --data-binary "$2" "$url")
    printf '%-4s %-36s -> %s\n' "$1" "$2" "$reply"
    case $reply in
        0/*) body=${reply#*/*/} ;;
        *) echo "the server refused that" >&2; exit 1 ;;
    esac
}

echo "Register: each wants the other one, and gets a pairing key."
post ann "0,$ann,*,$bob,*"
ann_key=$body
post bob "0,$bob,*,$ann,*"
bob_key=$body

echo "Ask for a partner: bob's request makes the pair, so he plays the server role."
post ann "2,*,$ann_key,*,*"
post bob "2,*,$bob_key,*,*"
post ann "2,*,$ann_key,*,*"

echo "Load, and say so; when both have loaded, each gets a game key and a player number."
post ann "3,*,$ann_key,*,*"
post bob "3,*,$bob_key,*,*"
post ann "4,*,$ann_key,*,*"
post bob "4,*,$bob_key,*,*"
bob_game=${body%|*} bob_player=${body#*|}
post ann "4,*,$ann_key,*,*"
ann_game=${body%|*} ann_player=${body#*|}

echo "Play: the counter n.r says 'my update n; I have received r of yours'."
post ann "6,hello,$ann_game,$ann_player,0.0"
post ann "6,shall we begin?,$ann_game,$ann_player,1.0"
post bob "6,hi ann,$bob_game,$bob_player,0.0"
post ann "6,,$ann_game,$ann_player,2.0"

echo "A repeat, as after a lost reply, is answered again and stored once."
post ann "6,your move,$ann_game,$ann_player,3.1"
post ann "6,your move,$ann_game,$ann_player,3.1"
post bob "6,,$bob_game,$bob_player,1.2"

echo "Quit."
post bob "5,*,$bob_game,$bob_player,2.3"
post ann "5,*,$ann_game,$ann_player,4.1"
