# Which of the two systems starts: the loader's part of docs/adr/0021-slots.md, for U-Boot 2025.01 (Debian's u-boot-rpi).
# Made into boot.scr by: mkimage -T script -d boot.cmd boot.scr. U-Boot says where it found it: devtype, devnum.
# edubox image build puts the board's words for the kernel in place of @arguments@. Two sectors before the first partition hold the
# state: edubox/hardware/slots/uboot.py. Numbers are hexadecimal here.

setenv arguments "@arguments@"
setenv sector_0 400
setenv sector_1 600
setenv names seq good try left
setexpr state_addr ${scriptaddr} + 100000
# U-Boot's own places leave a kernel 37 MiB on a Pi, and Debian's 6.12 takes them to the last byte. Here it has 64 (boot.py holds it to
# them), then comes the description of the board, then the first file system; a board of 512 MiB has room for all.
setexpr tree_addr ${kernel_addr_r} + 5000000
setexpr first_addr ${kernel_addr_r} + 6000000

# One copy into seq, good, try, left; valid says whether it can be believed.
setenv look 'setenv seq; setenv good; setenv try; setenv left; setenv valid 0;
if ${devtype} read ${state_addr} ${sector} 1; then
  if env import -c ${state_addr} 200 ${names}; then
    if test "${good}:${try}" = "a:" || test "${good}:${try}" = "b:" || test "${good}:${try}" = "a:b" || test "${good}:${try}" = "b:a"; then
      if test "${left}" = 0 || test "${left}" = 1 || test "${left}" = 2; then
        if test -n "${seq}" && test 0x${seq} -gt 0; then setenv valid 1; fi;
      fi;
    fi;
  fi;
fi'

# The copy that counts: the higher seq, and of two with the same seq the one with fewer tries left. Slot a when none can be read.
setenv copy none
setenv best_seq 0
setenv best_good a
setenv best_try
setenv best_left 0
for one in 0 1; do
  if test ${one} = 0; then setenv sector ${sector_0}; else setenv sector ${sector_1}; fi
  run look
  setenv newer 0
  if test ${valid} = 1; then
    if test ${copy} = none; then setenv newer 1; fi
    if test 0x${seq} -gt 0x${best_seq}; then setenv newer 1; fi
    if test 0x${seq} -eq 0x${best_seq} && test ${left} -lt ${best_left}; then setenv newer 1; fi
  fi
  if test ${newer} = 1; then
    setenv copy ${one}
    setenv best_seq ${seq}
    setenv best_good ${good}
    setenv best_try ${try}
    setenv best_left ${left}
  fi
done

# A try is taken away before it is used, in the other copy, and looked at again: a worn-out card keeps the old bytes
# without a word, and would start a broken system for ever.
# What is tried is told so: edubox-trial.timer starts again what could not even say that it works.
setenv trial
setenv first ${best_good}
if test ${best_left} != 0 && test -n "${best_try}"; then
  if test ${copy} = 0; then setenv sector ${sector_1}; else setenv sector ${sector_0}; fi
  setenv seq ${best_seq}
  setenv good ${best_good}
  setenv try ${best_try}
  if test ${best_left} = 2; then setenv after 1; else setenv after 0; fi
  setenv left ${after}
  if env export -c -s 200 ${state_addr} ${names} && ${devtype} write ${state_addr} ${sector} 1; then
    run look
    if test ${valid} = 1 && test "${seq}.${good}.${try}.${left}" = "${best_seq}.${best_good}.${best_try}.${after}"; then
      setenv first ${best_try}
      setenv trial edubox.trial
    fi
  fi
fi

# The button that switches off: pins 5 and 6 (GPIO3 and ground), where a Pi that is off is switched on too. Debian has no overlay for it
# (gpio-shutdown), so it is written into the copy of the board's description; what is not there to be written to changes nothing. The
# clocks and sensors that pins 3 and 5 could be for instead (i2c) are not: a pin has one use.
setenv button 'fdt addr ${tree_addr};
if fdt get value gpio /soc/gpio@7e200000 phandle; then
  fdt set /soc/i2c@7e804000 status disabled;
  fdt mknode / edubox-button; fdt set /edubox-button compatible gpio-keys;
  fdt mknode /edubox-button off; fdt set /edubox-button/off label Off;
  fdt set /edubox-button/off linux,code <0x74>; fdt set /edubox-button/off gpios <${gpio} 3 1>;
  fdt set /edubox-button/off debounce-interval <0x64>;
fi'

# A kernel and its first file system lie in the slot itself. This returns when they cannot be read.
# The description of the board is copied: U-Boot's own has no room for what the kernel is told, and is followed by what U-Boot needs.
setenv start 'if test ${slot} = a; then setenv part 2; else setenv part 3; fi;
echo "edubox: slot ${slot}";
if part uuid ${devtype} ${devnum}:${part} uuid; then
  setenv bootargs "root=PARTUUID=${uuid} ro edubox.slot=${slot} ${trial} panic=10 ${arguments}";
  if load ${devtype} ${devnum}:${part} ${kernel_addr_r} boot/vmlinuz && load ${devtype} ${devnum}:${part} ${first_addr} boot/initrd.img; then
    setenv tree ${fdtcontroladdr};
    if fdt move ${fdtcontroladdr} ${tree_addr} 200000; then setenv tree ${tree_addr}; run button; fi;
    booti ${kernel_addr_r} ${first_addr}:${filesize} ${tree};
  fi;
fi'

setenv slot ${first}
run start
setenv trial
setenv slot ${best_good}
run start
# Neither the good one nor anything new can be read. Whatever the other slot holds is better than nothing.
if test ${best_good} = a; then setenv slot b; else setenv slot a; fi
run start
echo "edubox: no system on this card can be started"
sleep 60
reset
