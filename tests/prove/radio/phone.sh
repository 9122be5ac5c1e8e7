#!/bin/sh
# A phone in the guest: a network namespace that owns the second radio. phone.py gives it in through the serial line and calls it.
#   phone begin                  take the radio wlan1 away from the box
#   phone join NAME PASSWORD     look for the Wi-Fi NAME (hexadecimal); says "in SECONDS", or "out" and why
#   phone lease                  ask for an address; says "ADDRESS ROUTER SERVER SECONDS-OF-LEASE HOW-LONG-IT-TOOK"
#   phone ask FILE               open every line of FILE, an address, a tab and who asks; says "said STATUS SECONDS <WHERE-TO> BODY-IN-BASE64" of each
#   phone name NAME              look up a name
#   phone leave                  go away
set -u
phone=ephone radio=wlan1 folder=/tmp/phone
on() { ip netns exec "$phone" "$@"; }
now() { cut -d' ' -f1 /proc/uptime; }
since() { echo "$1 $(now)" | awk '{ printf "%.1f", $2 - $1 }'; }

case "$1" in
begin)
  mkdir -p "$folder" "/etc/netns/$phone"
  ip netns add "$phone"
  iw phy "$(basename "$(readlink "/sys/class/net/$radio/phy80211")")" set netns name "$phone"
  on ip link set lo up
  on ip link set "$radio" up && echo begun
  ;;
join)
  {
    printf 'ctrl_interface=%s/wpa\nnetwork={\nssid=%s\nscan_ssid=0\n' "$folder" "$2"
    if [ -n "$3" ]; then printf 'psk="%s"\nproto=RSN\n}\n' "$3"; else printf 'key_mgmt=NONE\n}\n'; fi
  } > "$folder/wpa.conf"
  begun=$(now)
  systemd-run --quiet --collect --unit=phone-wpa ip netns exec "$phone" wpa_supplicant -i "$radio" -c "$folder/wpa.conf" -f "$folder/wpa.log"
  tries=0
  while [ "$tries" -lt 100 ]; do
    if on wpa_cli -p "$folder/wpa" -i "$radio" status 2>/dev/null | grep -q wpa_state=COMPLETED; then
      echo "in $(since "$begun")"
      exit 0
    fi
    if grep -q 'reason=WRONG_KEY' "$folder/wpa.log" 2>/dev/null && [ "$(since "$begun" | cut -d. -f1)" -ge 20 ]; then break; fi
    tries=$((tries + 1))
    sleep 0.3
  done
  echo "out $(grep -o 'reason=WRONG_KEY\|CTRL-EVENT-ASSOC-REJECT.*' "$folder/wpa.log" | tail -n 1)"
  ;;
lease)
  cat > "$folder/lease.sh" <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip address flush dev "$interface"
ip address add "$ip/24" dev "$interface"
ip route replace default via "$router"
echo "nameserver $dns" > /etc/netns/ephone/resolv.conf
echo "$ip $router $dns $lease" > /tmp/phone/lease
END
  chmod 755 "$folder/lease.sh"
  rm -f "$folder/lease"
  : > "/etc/netns/$phone/resolv.conf"
  begun=$(now)
  on busybox udhcpc -q -n -t 10 -T 1 -i "$radio" -s "$folder/lease.sh" > "$folder/udhcpc.log" 2>&1 || tail -n 3 "$folder/udhcpc.log"
  [ -f "$folder/lease" ] && echo "$(cat "$folder/lease") $(since "$begun")"
  ;;
ask)
  # One curl for all: each start of a program takes a second in here.
  number=0
  while IFS="$(printf '\t')" read -r address agent; do
    number=$((number + 1))
    [ "$number" = 1 ] || echo next
    cat << END
url = "$address"
user-agent = "$agent"
header = "Accept-Language: fr"
output = "$folder/body.$number"
max-time = 20
write-out = "said %{http_code} %{time_total} <%{redirect_url}>\n"
END
  done < "$2" > "$folder/curl"
  on curl -s -K "$folder/curl" > "$folder/answers"
  number=0
  while read -r answer; do
    number=$((number + 1))
    printf '%s ' "$answer"
    if [ -f "$folder/body.$number" ]; then base64 -w 0 "$folder/body.$number"; fi
    echo
  done < "$folder/answers"
  rm -f "$folder"/body.*
  ;;
name)
  on busybox nslookup -type=a "$2" "$(cut -d' ' -f3 "$folder/lease")"
  ;;
leave)
  systemctl stop phone-wpa
  on ip address flush dev "$radio"
  rm -f "$folder/wpa.log"
  ;;
esac
