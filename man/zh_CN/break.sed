# Chinese text breaks between any two characters, but groff breaks lines at blanks: tell it where.
# Not before closing punctuation, not after opening; displays and headings stay as they are.
# By bytes, whatever the locale: run with LC_ALL=C sed -E.
/^\.Bd -literal/,/^\.Ed/b
/^\.(Dd|Dt|Nd|Sh|Ss|Bl|It|Dl)/b
s/([\xe4-\xe9][\x80-\xbf]{2}|\xef\xbc\x88|\xe2\x80\x9c)/\\:\1/g
s/(\xef\xbc[\x8c\x9a\x9b\x89\x9f]|\xe3\x80[\x81\x82]|\xe2\x80\x9d)/\1\\:/g
s/(^|[ "]|\\\((oq|lq)|\xef\xbc\x88|\xe2\x80\x9c)\\:/\1/g
s/(^|[ "]|\\\((oq|lq)|\xef\xbc\x88|\xe2\x80\x9c)\\:/\1/g
s/(\\:)+(\xef\xbc[\x8c\x9a\x9b\x89\x9f]|\xe3\x80[\x81\x82]|\xe2\x80\x9d)/\2/g
s/(\\:)+/\\:/g
s/\\:( |$)/\1/g
