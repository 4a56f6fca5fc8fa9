// ChaCha20, Poly1305 and their AEAD against the vectors of RFC 8439: sections 2.3.2, 2.4.2, 2.5.2, 2.6.2, 2.8.2 and appendix A.
import { aeadCheck, aeadEnd, aeadReveal, aeadSeal } from "../minimize/aead";
import { chachaBlock, chachaInit, chachaXor } from "../minimize/chacha20";
import { polyFinal, polyInit, polyUpdate } from "../minimize/poly1305";
import { at, bytes, hex } from "./hex";

const OUT = memory.data(64);
const ZERO = "0000000000000000000000000000000000000000000000000000000000000000";
const ONE = "0000000000000000000000000000000000000000000000000000000000000001";
const SEQUENCE = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const JABBERWOCKY = "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0";
const TWAS =
  "2754776173206272696c6c69672c20616e642074686520736c6974687920746f7665730a446964206779726520616e642067696d626c6520696e2074686520776162653a0a416c6c206d696d737920776572652074686520626f726f676f7665732c0a416e6420746865206d6f6d65207261746873206f757467726162652e";
const SUBMISSION =
  "416e79207375626d697373696f6e20746f20746865204945544620696e74656e6465642062792074686520436f6e7472696275746f7220666f72207075626c69636174696f6e20617320616c6c206f722070617274206f6620616e204945544620496e7465726e65742d4472616674206f722052464320616e6420616e792073746174656d656e74206d6164652077697468696e2074686520636f6e74657874206f6620616e204945544620616374697669747920697320636f6e7369646572656420616e20224945544620436f6e747269627574696f6e222e20537563682073746174656d656e747320696e636c756465206f72616c2073746174656d656e747320696e20494554462073657373696f6e732c2061732077656c6c206173207772697474656e20616e6420656c656374726f6e696320636f6d6d756e69636174696f6e73206d61646520617420616e792074696d65206f7220706c6163652c207768696368206172652061646472657373656420746f";
const SUNSCREEN =
  "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642062652069742e";

function aeadOpen(key: usize, nonce: usize, aad: usize, aadLen: i32, text: usize, len: i32, tag: usize): i32 {
  if (aeadCheck(key, nonce, aad, aadLen, text, len, tag)) return 1;
  aeadReveal(text, 0, len);
  aeadEnd();
  return 0;
}

function block(key: string, nonce: string, counter: u32): string {
  chachaInit(at(bytes(key)), at(bytes(nonce)), counter);
  chachaBlock(OUT);
  return hex(OUT, 64);
}

function stream(key: string, nonce: string, counter: u32, text: string): string {
  const data = bytes(text);
  chachaInit(at(bytes(key)), at(bytes(nonce)), counter);
  chachaXor(at(data), data.length);
  return hex(at(data), data.length);
}

function tag(key: string, message: string): string {
  const data = bytes(message);
  polyInit(at(bytes(key)));
  polyUpdate(at(data), data.length);
  polyFinal(OUT);
  return hex(OUT, 16);
}

describe("ChaCha20", () => {
  it("makes the key-stream blocks of section 2.3.2 and appendix A.1", () => {
    expect(block(SEQUENCE, "000000090000004a00000000", 1)).toBe(
      "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4ed2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e",
    );
    expect(block(ZERO, "000000000000000000000000", 0)).toBe(
      "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
    );
    expect(block(ZERO, "000000000000000000000000", 1)).toBe(
      "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
    );
    expect(block(ONE, "000000000000000000000000", 1)).toBe(
      "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0",
    );
    expect(
      block("00ff000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", 2),
    ).toBe(
      "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096",
    );
    expect(block(ZERO, "000000000000000000000002", 0)).toBe(
      "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c78a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d",
    );
  });

  it("makes the one-time keys of section 2.6.2 and appendix A.4: the first half of block 0", () => {
    const key = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";
    expect(block(key, "000000000001020304050607", 0).substr(0, 64)).toBe(
      "8ad5a08b905f81cc815040274ab29471a833b637e3fd0da508dbb8e2fdd1a646",
    );
    expect(block(ZERO, "000000000000000000000000", 0).substr(0, 64)).toBe(
      "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7",
    );
    expect(block(ONE, "000000000000000000000002", 0).substr(0, 64)).toBe(
      "ecfa254f845f647473d3cb140da9e87606cb33066c447b87bc2666dde3fbb739",
    );
    expect(block(JABBERWOCKY, "000000000000000000000002", 0).substr(0, 64)).toBe(
      "965e3bc6f9ec7ed9560808f4d229f94b137ff275ca9b3fcbdd59deaad23310ae",
    );
  });

  it("encrypts the texts of section 2.4.2 and appendix A.2", () => {
    expect(stream(SEQUENCE, "000000000000004a00000000", 1, SUNSCREEN)).toBe(
      "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d",
    );
    expect(stream(ONE, "000000000000000000000002", 1, SUBMISSION)).toBe(
      "a3fbf07df3fa2fde4f376ca23e82737041605d9f4f4f57bd8cff2c1d4b7955ec2a97948bd3722915c8f3d337f7d370050e9e96d647b7c39f56e031ca5eb6250d4042e02785ececfa4b4bb5e8ead0440e20b6e8db09d881a7c6132f420e52795042bdfa7773d8a9051447b3291ce1411c680465552aa6c405b7764d5e87bea85ad00f8449ed8f72d0d662ab052691ca66424bc86d2df80ea41f43abf937d3259dc4b2d0dfb48a6c9139ddd7f76966e928e635553ba76c5c879d7b35d49eb2e62b0871cdac638939e25e8a1e0ef9d5280fa8ca328b351c3c765989cbcf3daa8b6ccc3aaf9f3979c92b3720fc88dc95ed84a1be059c6499b9fda236e7e818b04b0bc39c1e876b193bfe5569753f88128cc08aaa9b63d1a16f80ef2554d7189c411f5869ca52c5b83fa36ff216b9c1d30062bebcfd2dc5bce0911934fda79a86f6e698ced759c3ff9b6477338f3da4f9cd8514ea9982ccafb341b2384dd902f3d1ab7ac61dd29c6f21ba5b862f3730e37cfdc4fd806c22f221",
    );
    expect(stream(JABBERWOCKY, "000000000000000000000002", 42, TWAS)).toBe(
      "62e6347f95ed87a45ffae7426f27a1df5fb69110044c0d73118effa95b01e5cf166d3df2d721caf9b21e5fb14c616871fd84c54f9d65b283196c7fe4f60553ebf39c6402c42234e32a356b3e764312a61a5532055716ead6962568f87d3f3f7704c6a8d1bcd1bf4d50d6154b6da731b187b58dfd728afa36757a797ac188d1",
    );
  });
});

describe("Poly1305", () => {
  it("makes the tag of section 2.5.2", () => {
    expect(
      tag(
        "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",
        "43727970746f6772617068696320466f72756d2052657365617263682047726f7570",
      ),
    ).toBe("a8061dc1305136c6c22b8baf0c0127a9");
  });

  it("makes the tags of appendix A.3, edges of the reduction included", () => {
    const half = "00000000000000000000000000000000";
    const s = "36e5f6b5c5e06070f0efca96227a863e";
    expect(tag(ZERO, ZERO + ZERO)).toBe(half);
    expect(tag(half + s, SUBMISSION)).toBe(s);
    expect(tag(s + half, SUBMISSION)).toBe("f3477e7cd95417af89a6b8794c310cf0");
    expect(tag(JABBERWOCKY, TWAS)).toBe("4541669a7eaaee61e708dc7cbcc5eb62");
    const two = "02000000000000000000000000000000";
    const ones = "ffffffffffffffffffffffffffffffff";
    expect(tag(two + half, ones)).toBe("03000000000000000000000000000000");
    expect(tag(two + ones, two)).toBe("03000000000000000000000000000000");
    const one = "01000000000000000000000000000000";
    const low = "fbfefefefefefefefefefefefefefefe";
    expect(tag(one + half, ones + "f0ffffffffffffffffffffffffffffff" + "11000000000000000000000000000000")).toBe(
      "05000000000000000000000000000000",
    );
    expect(tag(one + half, ones + low + "01010101010101010101010101010101")).toBe(half);
    expect(tag(two + half, "fdffffffffffffffffffffffffffffff")).toBe("faffffffffffffffffffffffffffffff");
    const key = "01000000000000000400000000000000" + half;
    const text = "e33594d7505e43b900000000000000003394d7505e4379cd010000000000000000000000000000000000000000000000";
    expect(tag(key, text + one)).toBe("14000000000000005500000000000000");
    expect(tag(key, text)).toBe("13000000000000000000000000000000");
  });
});

describe("ChaCha20-Poly1305", () => {
  it("seals the text of section 2.8.2, and opens it unless the tag was changed", () => {
    const key = bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    const nonce = bytes("070000004041424344454647");
    const aad = bytes("50515253c0c1c2c3c4c5c6c7");
    const text = bytes(SUNSCREEN);
    aeadSeal(at(key), at(nonce), at(aad), aad.length, at(text), text.length, OUT);
    const sealed = hex(at(text), text.length);
    expect(sealed).toBe(
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
    );
    expect(hex(OUT, 16)).toBe("1ae10b594f09e26a7e902ecbd0600691");
    store<u8>(OUT, load<u8>(OUT, 15) ^ 0x80, 15);
    expect(aeadOpen(at(key), at(nonce), at(aad), aad.length, at(text), text.length, OUT)).toBe(1);
    expect(hex(at(text), text.length)).toBe(sealed);
    store<u8>(OUT, load<u8>(OUT, 15) ^ 0x80, 15);
    expect(aeadOpen(at(key), at(nonce), at(aad), aad.length, at(text), text.length, OUT)).toBe(0);
    expect(hex(at(text), text.length)).toBe(SUNSCREEN);
  });

  it("opens the text of appendix A.5", () => {
    const aad = bytes("f33388860000000000004e91");
    const text = bytes(
      "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709b",
    );
    const mark = bytes("eead9d67890cbb22392336fea1851f38");
    const nonce = bytes("000000000102030405060708");
    expect(aeadOpen(at(bytes(JABBERWOCKY)), at(nonce), at(aad), aad.length, at(text), text.length, at(mark))).toBe(0);
    expect(hex(at(text), text.length)).toBe(
      "496e7465726e65742d4472616674732061726520647261667420646f63756d656e74732076616c696420666f722061206d6178696d756d206f6620736978206d6f6e74687320616e64206d617920626520757064617465642c207265706c616365642c206f72206f62736f6c65746564206279206f7468657220646f63756d656e747320617420616e792074696d652e20497420697320696e617070726f70726961746520746f2075736520496e7465726e65742d447261667473206173207265666572656e6365206d6174657269616c206f7220746f2063697465207468656d206f74686572207468616e206173202fe2809c776f726b20696e2070726f67726573732e2fe2809d",
    );
  });

  it("reveals parts of a text in any order", () => {
    const key = bytes(SEQUENCE);
    const nonce = bytes("070000004041424344454647");
    const plain = new StaticArray<u8>(300);
    for (let i = 0; i < 300; i++) plain[i] = i as u8;
    const text = new StaticArray<u8>(300);
    memory.copy(at(text), at(plain), 300);
    aeadSeal(at(key), at(nonce), at(nonce), 12, at(text), 300, OUT);
    expect(aeadCheck(at(key), at(nonce), at(nonce), 12, at(text), 300, OUT)).toBe(0);
    const sealed = hex(at(text), 128);
    aeadReveal(at(text), 128, 300);
    expect(hex(at(text), 128)).toBe(sealed);
    expect(hex(at(text) + 128, 172)).toBe(hex(at(plain) + 128, 172));
    aeadReveal(at(text), 0, 70);
    aeadReveal(at(text), 75, 128);
    aeadReveal(at(text), 70, 75);
    expect(hex(at(text), 300)).toBe(hex(at(plain), 300));
    aeadEnd();
  });
});
